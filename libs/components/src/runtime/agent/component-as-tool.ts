import { isPlainObject, type Json, type JsonObject, type PlanOutput } from '@causeway/dag';
import { catalogue } from '../../specs/catalogue.js';
import type { Value } from '../../specs/values.js';
import { isHandle } from '../../coerce/value.js';
import type { ComponentContext, ComponentRuntime, Handle, StepAttempt, StepCall } from '../component.js';
import type { Tool } from './tool.js';
import { type ToolArgument, argumentSchema, readArguments } from './tool-arguments.js';
import { cleanToolName, toolName } from './tool-name.js';

/** A row of a node's table of tools: the changes that its author made. */
interface ToolRow {
  readonly tags: readonly string[];
  readonly method: string;
  readonly name: string;
  readonly description: string;
  readonly isEnabled: boolean;
  readonly args: JsonObject;
}

/**
 * A node's outputs as tools: a call runs the component with the node's settings and the arguments that the model gave.
 * Its messages are neither stored nor shown; steps inside it are steps of the call.
 */
export function componentTools(runtime: ComponentRuntime, context: ComponentContext): readonly Tool[] {
  const outputs = (context.node.toolOutputs ?? []).filter(
    ({ kind, toolMode }) => kind === 'value' && toolMode,
  );
  const rows = readRows(context.inputs['tools_metadata']);
  const offered = outputs.map((output) => {
    const name = toolName(output.method, context.node.type, outputs.length === 1);
    return { output, name, row: rows.find((row) => isRowOf(row, name, output)) };
  });
  // A table that fits no output belongs to another version of the component, so it is not used.
  const isTableUsed = offered.some(({ row }) => row !== undefined);
  return offered
    .filter(({ row }) => (isTableUsed ? row?.isEnabled === true : true))
    .map(({ output, name, row }) => makeTool(runtime, context, output, name, row));
}

function makeTool(
  runtime: ComponentRuntime,
  context: ComponentContext,
  output: PlanOutput,
  name: string,
  row: ToolRow | undefined,
): Tool {
  const spec = catalogue.find(context.node.type);
  const info = spec?.outputs.find((one) => one.name === output.name)?.info;
  const args = toolArguments(context, row);
  // A model receives the descriptions of its tools, so a secret that the author wrote there must not reach its
  // provider.
  const mask = (text: string): string => context.secrets.mask(text);
  return {
    name: cleanToolName(mask(row?.name || name)),
    description: mask(row?.description || info || spec?.description || context.node.displayName),
    parameters: argumentSchema(args, mask),
    effects: context.node.effects,
    async call(given, attempt) {
      const set = readArguments(given, args);
      const { outputs } = await runtime.run(callContext(context, output, set, attempt));
      return toResult(outputs[output.name]);
    },
  };
}

function toolArguments(context: ComponentContext, row: ToolRow | undefined): readonly ToolArgument[] {
  const spec = catalogue.find(context.node.type);
  return Object.entries(context.node.fields)
    .filter(([, field]) => field.toolMode === true)
    .map(([name, field]) => {
      const told = row?.args[name];
      const edited = isPlainObject(told) ? told['description'] : undefined;
      const info = spec?.fields.find((one) => one.name === name)?.info;
      const description = typeof edited === 'string' && edited !== '' ? edited : (info ?? field.displayName);
      return { name, field, description: context.secrets.mask(description) };
    });
}

/**
 * The context of one call: the node's own, with the arguments in its fields, without messages, and with steps below the
 * call's.
 */
function callContext(
  context: ComponentContext,
  output: PlanOutput,
  set: Readonly<Record<string, Json>>,
  attempt: StepAttempt,
): ComponentContext {
  const { streamsTo: _muted, ...node } = context.node;
  let inner = 0;
  const unjournaled = (call: StepCall): ReturnType<StepCall['call']> =>
    call.call({ idempotencyKey: `${attempt.idempotencyKey}/${(inner += 1)}`, signal: attempt.signal });
  // Each member is named, since a context may be an object whose methods a spread would lose.
  return {
    node: {
      ...node,
      toolMode: false,
      outputs: context.node.toolOutputs ?? [],
      usedOutputs: [output.name],
    },
    path: context.path,
    runId: context.runId,
    flowId: context.flowId,
    flowName: context.flowName,
    sessionId: context.sessionId,
    start: { ...context.start, outputs: [output.name] },
    inputs: { ...context.inputs, ...set },
    signal: attempt.signal,
    now: context.now,
    step: attempt.step ?? unjournaled,
    emit: () => undefined,
    chat: {
      messageId: (nodeId) => context.chat.messageId(nodeId),
      store: () => undefined,
      list: (filter) => context.chat.list(filter),
    },
    files: context.files,
    models: context.models,
    http: context.http,
    secrets: context.secrets,
    watched: false,
    ...(context.requestVariables === undefined ? {} : { requestVariables: context.requestVariables }),
    requestFields: new Map([...context.requestFields].filter(([field]) => !Object.hasOwn(set, field))),
    findVariable: (name) => context.findVariable(name),
    log: (fields, event) => context.log(fields, event),
  };
}

function toResult(value: Value | Handle | undefined): Json {
  if (value === undefined || isHandle(value)) return '';
  switch (value.kind) {
    case 'message':
      return value.text;
    case 'data':
      return value.data;
    case 'table':
      return [...value.rows];
    case 'plain':
      return value.value as Json;
    case 'handle':
      return '';
  }
}

function readRows(input: unknown): readonly ToolRow[] {
  if (!Array.isArray(input)) return [];
  return (input as unknown[]).filter(isPlainObject).map((row) => ({
    tags: Array.isArray(row['tags']) ? row['tags'].filter((tag) => typeof tag === 'string') : [],
    method: textOf(row['display_name']),
    name: textOf(row['name']),
    description: textOf(row['description']),
    isEnabled: row['status'] !== false,
    args: isPlainObject(row['args']) ? (row['args'] as JsonObject) : {},
  }));
}

/** Rows have the tool's first name as tag; some versions of Langflow put a name of the component before it. */
function isRowOf(row: ToolRow, name: string, { method }: PlanOutput): boolean {
  const [tag = row.name] = row.tags;
  return tag === name || row.method === method || tag.endsWith(`_${method}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
