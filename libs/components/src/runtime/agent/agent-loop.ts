import { causewayError } from '@causeway/contracts';
import { isCausewayError, type Json, type JsonObject } from '@causeway/dag';
import type { ComponentContext, TokenUsage } from '../component.js';
import type { AssistantTurn, CutReason, ToolCall, Turn } from '../models/conversation.js';
import { addUsage } from '../models/extract-objects.js';
import type { LanguageModel } from '../models/language-model.js';
import { nodeFailed } from '../node-failed.js';
import type { Tool } from './tool.js';
import { ToolArgumentError } from './tool-arguments.js';

/** The task of an agent, and its means. */
export interface AgentTask {
  readonly model: LanguageModel;
  readonly tools: readonly Tool[];
  readonly messages: readonly Turn[];
  /** Used in the step's request instead of `messages`, where a message differs from attempt to attempt. */
  readonly stableMessages: readonly Turn[];
  /** How often the model may be called. */
  readonly maxCalls: number;
  /** Report arguments that cannot be read to the model, instead of failing. */
  readonly tellsBadCalls: boolean;
  readonly onText: ((piece: string) => void) | undefined;
}

/** One call of a tool and its result. */
export interface ToolUse {
  readonly name: string;
  readonly input: JsonObject;
  readonly output: Json;
  readonly error: string | null;
  readonly durationMs: number;
}

export interface AgentOutcome {
  readonly text: string;
  readonly usage: TokenUsage | undefined;
  /** Why the end of the model's answer may be missing. */
  readonly finishReason: CutReason | undefined;
  readonly toolUses: readonly ToolUse[];
}

/**
 * Errors of a tool's own work. They are reported to the model, which may try another way; any other error ends the run.
 */
const reportedCodes: ReadonlySet<string> = new Set([
  'NODE_FAILED',
  'FIELD_INVALID',
  'FIELD_MISSING',
  'VARIABLE_MISSING',
  'FILE_UNKNOWN',
  'MODEL_NOT_CHOSEN',
  'MODEL_KEY_MISSING',
  'MODEL_KEY_WITHHELD',
  'MODEL_UNKNOWN',
  'PROVIDER_FAILED',
  'PROVIDER_LIMITED',
  'PROVIDER_UNREACHABLE',
  'PROVIDER_TIMED_OUT',
  'ADDRESS_REFUSED',
  'REQUEST_FAILED',
  'SECRET_WITHHELD',
]);

/**
 * Calls the model and makes the tool calls that it requests, in its order, until it answers without any. Each call of a
 * model or tool is a step, so a resumed run continues after the last one that was journaled. At the limit the answer
 * says so, as in Langflow.
 */
export async function runAgent(context: ComponentContext, task: AgentTask): Promise<AgentOutcome> {
  const { model, tools, maxCalls, onText } = task;
  const said: Turn[] = [];
  const toolUses: ToolUse[] = [];
  let usage: TokenUsage | undefined;
  for (let call = 1; call <= maxCalls; call += 1) {
    const turn = await model.ask(context, {
      messages: [...task.messages, ...said],
      stableMessages: [...task.stableMessages, ...said],
      tools,
      ...(onText === undefined ? {} : { onText }),
    });
    usage = addUsage(usage, turn.usage);
    const wanted = turn.toolCalls ?? [];
    const bad = turn.badToolCalls ?? [];
    if (wanted.length + bad.length === 0)
      return { text: turn.text, usage, finishReason: turn.finishReason, toolUses };
    const [first] = bad;
    if (first !== undefined && !task.tellsBadCalls) {
      throw nodeFailed(context, `the model called ${first.name} with arguments that are no JSON object.`);
    }
    said.push(withAllCalls(turn));
    for (const one of wanted) {
      const use = await useTool(context, tools, one);
      toolUses.push(use);
      said.push(toolTurn(one, use));
    }
    for (const { id, name } of bad) {
      const text = `The arguments of ${name} are no JSON object. Call it again with valid JSON.`;
      said.push({ role: 'tool', callId: id, name, text, failed: true });
    }
  }
  const limit = { node: context.node.displayName, limit: maxCalls, what: 'model calls (max_iterations)' };
  return { text: causewayError('LIMIT_STEPS', limit).message, usage, finishReason: undefined, toolUses };
}

/** Every tool call needs an answer, also those whose arguments could not be read. */
function withAllCalls(turn: AssistantTurn): AssistantTurn {
  const { badToolCalls: bad = [], usage: _counted, finishReason: _end, ...rest } = turn;
  if (bad.length === 0) return rest;
  return { ...rest, toolCalls: [...(rest.toolCalls ?? []), ...bad.map((call) => ({ ...call, args: {} }))] };
}

async function useTool(context: ComponentContext, tools: readonly Tool[], call: ToolCall): Promise<ToolUse> {
  const tool = tools.find(({ name }) => name === call.name);
  if (tool === undefined) {
    const known = tools.map(({ name }) => name).join(', ') || 'none';
    const error = `There is no tool ${call.name}. Available tools: ${known}.`;
    return { name: call.name, input: call.args, output: null, error, durationMs: 0 };
  }
  const { answer } = await context.step({
    kind: 'tool',
    name: tool.name,
    effects: tool.effects,
    request: { tool: tool.name, args: call.args },
    call: async (attempt) => {
      const startedAt = performance.now();
      const outcome = await tool.call(call.args, attempt).then(
        (output) => ({ output: context.secrets.maskAnswer(output), error: null }),
        (error: unknown) => ({ output: null, error: shownError(context, attempt.signal, error) }),
      );
      return { answer: { ...outcome, durationMs: Math.round(performance.now() - startedAt) } };
    },
  });
  // The result of the step, made now or before a crash.
  const { output, error, durationMs } = answer as unknown as Pick<ToolUse, 'output' | 'error' | 'durationMs'>;
  return { name: tool.name, input: call.args, output, error, durationMs };
}

/** The text about a failed call that the model receives. */
function shownError(context: ComponentContext, signal: AbortSignal, error: unknown): string {
  signal.throwIfAborted();
  if (error instanceof ToolArgumentError) return context.secrets.mask(error.message);
  if (isCausewayError(error)) {
    if (reportedCodes.has(error.code)) return context.secrets.mask(error.message);
    throw error;
  }
  context.log({ nodeId: context.node.id, error }, 'tool failed');
  return 'The tool failed.';
}

function toolTurn(call: ToolCall, { output, error }: ToolUse): Turn {
  const told = { role: 'tool' as const, callId: call.id, name: call.name };
  if (error !== null) return { ...told, text: error, failed: true };
  return { ...told, text: typeof output === 'string' ? output : JSON.stringify(output) };
}
