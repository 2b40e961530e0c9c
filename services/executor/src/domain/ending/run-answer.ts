import type { Json, JsonObject, Plan, PlanNode, RunScope } from '@causeway/dag';
import { isPlainObject } from '@causeway/dag';
import { isMessageValue, shownArtifact, shownOutput, shownResult } from './shown-value.js';

/** What an answer needs from a run in addition to its results. */
export interface AnsweredRun {
  readonly runId: string;
  readonly flowId: string;
  readonly sessionId: string;
  /** Undefined when the request gave none. */
  readonly inputValue: string | undefined;
  /** @default none */
  readonly warnings?: readonly string[];
}

/** The outputs of a node's last visit by name; a live object is null. Undefined for a node that was skipped. */
export type NodeOutputs = Readonly<Record<string, Json>> | undefined;

/** The answer of a run, in Langflow's shape: one entry, with one result per node that the run answers with; `warnings` if there are any. */
export function runAnswer(
  plan: Plan,
  scope: RunScope,
  run: AnsweredRun,
  outputsOf: (nodeId: string) => NodeOutputs,
): JsonObject {
  const results = scope.outputs.flatMap((id) => {
    const node = plan.nodes[id];
    const outputs = outputsOf(id);
    return node && outputs ? [nodeResult(node, outputs, run)] : [];
  });
  const inputs: JsonObject = run.inputValue === undefined ? {} : { input_value: run.inputValue };
  const { warnings = [] } = run;
  return {
    session_id: run.sessionId,
    outputs: [{ inputs, outputs: results }],
    ...(warnings.length > 0 && { warnings: [...warnings] }),
  };
}

/** A node's result in Langflow's shape. Chat nodes show their message, all others their outputs one by one. */
export function nodeResult(
  node: PlanNode,
  outputs: Readonly<Record<string, Json>>,
  run: AnsweredRun,
): JsonObject {
  const values = Object.entries(outputs).filter(([, value]) => value !== null);
  const said = values.map(([, value]) => value).find(isMessageValue);
  const write = (show: (value: Json) => Json): JsonObject =>
    Object.fromEntries(values.map(([name, value]) => [name, show(value)]));
  return {
    results: write((value) => shownResult(value, run)),
    artifacts: isChat(node) && said !== undefined ? chatArtifacts(said) : write(shownArtifact),
    outputs: { ...notAsked(node), ...write((value) => shownOutput(value, run)) },
    logs: write(() => []),
    messages: isShowing(node) && said?.['text'] ? [chatMessage(node, said, run)] : [],
    timedelta: null,
    duration: null,
    component_display_name: node.displayName,
    component_id: node.id,
    used_frozen_result: false,
    token_usage: ownUsage(node, said),
  };
}

function isChat({ type }: PlanNode): boolean {
  return type === 'ChatInput' || type === 'ChatOutput';
}

function isShowing({ role }: PlanNode): boolean {
  return role === 'input' || role === 'output';
}

/** Outputs that nothing is connected to, and live objects, are listed by name only. */
function notAsked({ outputs }: PlanNode): JsonObject {
  return Object.fromEntries(outputs.map(({ name }) => [name, { message: '', type: 'unknown' }]));
}

/** The tokens that the node itself used. A chat output shows in its message those of the node before it. */
function ownUsage(node: PlanNode, message: JsonObject | undefined): Json {
  const properties = message?.['properties'];
  if (!isPlainObject(properties) || node.role === 'output') return null;
  const source = properties['source'];
  return isPlainObject(source) && source['id'] === node.id ? ((properties['usage'] ?? null) as Json) : null;
}

function chatMessage(node: PlanNode, message: JsonObject, run: AnsweredRun): JsonObject {
  return {
    message: message['text'] as Json,
    sender: message['sender'] ?? 'Machine',
    sender_name: message['senderName'] ?? 'AI',
    session_id: (message['sessionId'] as string) || run.sessionId,
    stream_url: null,
    component_id: node.id,
    files: message['files'] ?? [],
    type: 'text',
  };
}

function chatArtifacts(message: JsonObject): JsonObject {
  return {
    message: message['text'] as Json,
    sender: message['sender'] ?? null,
    sender_name: message['senderName'] ?? null,
    files: message['files'] ?? [],
    type: 'object',
  };
}
