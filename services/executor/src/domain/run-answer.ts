import type { Json, JsonObject, Plan, PlanNode, RunScope } from '@causeway/dag';
import { isPlainObject } from '@causeway/dag';

/** What an answer needs to know of a run beside its results. */
export interface AnsweredRun {
  readonly runId: string;
  readonly flowId: string;
  readonly sessionId: string;
  readonly inputValue: string;
}

/** The outputs of a node's last visit by name; a live object is null. Undefined for a node that was passed over. */
export type NodeOutputs = Readonly<Record<string, Json>> | undefined;

/** The answer of a run, in Langflow's shape: one entry, with one result per node that the run answers with. */
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
  return {
    session_id: run.sessionId,
    outputs: [{ inputs: { input_value: run.inputValue }, outputs: results }],
  };
}

/** What a node gave, in Langflow's shape. */
export function nodeResult(
  node: PlanNode,
  outputs: Readonly<Record<string, Json>>,
  run: AnsweredRun,
): JsonObject {
  const values = Object.entries(outputs).filter(([, value]) => value !== null);
  const first = values.map(([, value]) => value).find(isMessage);
  const messages = node.role === 'plain' || first === undefined ? [] : [chatMessage(node, first, run)];
  return {
    results: Object.fromEntries(values.map(([name, value]) => [name, resultValue(value, run)])),
    artifacts: first === undefined ? {} : artifacts(first),
    outputs: Object.fromEntries(values.map(([name, value]) => [name, outputValue(node, value, run)])),
    logs: Object.fromEntries(values.map(([name]) => [name, []])),
    messages,
    timedelta: null,
    duration: null,
    component_display_name: node.displayName,
    component_id: node.id,
    used_frozen_result: false,
    token_usage: null,
  };
}

function chatMessage(node: PlanNode, message: JsonObject, run: AnsweredRun): JsonObject {
  return {
    message: message['text'] as Json,
    sender: message['sender'] ?? null,
    sender_name: message['senderName'] ?? null,
    session_id: (message['sessionId'] as string) || run.sessionId,
    stream_url: null,
    component_id: node.id,
    files: message['files'] ?? [],
    type: 'text',
  };
}

function artifacts(message: JsonObject): JsonObject {
  return {
    message: message['text'] as Json,
    sender: message['sender'] ?? null,
    sender_name: message['senderName'] ?? null,
    files: message['files'] ?? [],
    type: 'object',
  };
}

/** Clients read a plain text from nodes that show messages, and whole objects from any other. */
function outputValue(node: PlanNode, value: Json, run: AnsweredRun): JsonObject {
  if (!isPlainObject(value)) return { message: value, type: 'unknown' };
  switch (value['kind']) {
    case 'message':
      return node.role === 'plain'
        ? { message: resultValue(value as JsonObject, run), type: 'message' }
        : { message: value['text'] as Json, type: 'text' };
    case 'data':
      return { message: value['data'] as Json, type: 'data' };
    case 'table':
      return { message: value['rows'] as Json, type: 'array' };
    default:
      return plainOutput((value['value'] ?? null) as Json, run);
  }
}

function plainOutput(value: Json, run: AnsweredRun): JsonObject {
  if (Array.isArray(value)) return { message: value.map((item) => resultValue(item, run)), type: 'array' };
  if (isPlainObject(value)) return { message: value, type: 'object' };
  return typeof value === 'string' ? { message: value, type: 'text' } : { message: value, type: 'unknown' };
}

/** A value as Langflow's own classes write themselves. */
function resultValue(value: Json, run: AnsweredRun): Json {
  if (!isPlainObject(value)) return value;
  switch (value['kind']) {
    case 'message':
      return messageObject(value as JsonObject, run);
    case 'data':
      return {
        text_key: (value['textKey'] ?? 'text') as Json,
        data: value['data'] as Json,
        default_value: (value['defaultValue'] ?? '') as Json,
      };
    case 'table':
      return value['rows'] as Json;
    case 'plain':
      return Array.isArray(value['value'])
        ? value['value'].map((item: Json) => resultValue(item, run))
        : ((value['value'] ?? null) as Json);
    default:
      return value as JsonObject;
  }
}

/** Langflow repeats a message's members beside the `data` that holds all of them, and writes the two times differently. */
function messageObject(message: JsonObject, run: AnsweredRun): JsonObject {
  const data = (isPlainObject(message['data']) ? message['data'] : {}) as JsonObject;
  const time = typeof data['timestamp'] === 'string' ? data['timestamp'].slice(0, 19) : undefined;
  const members: JsonObject = {
    sender: message['sender'] ?? null,
    sender_name: message['senderName'] ?? null,
    files: message['files'] ?? [],
    session_id: (message['sessionId'] as string) || run.sessionId,
    context_id: message['contextId'] ?? '',
    run_id: run.runId,
    flow_id: run.flowId,
    error: message['error'] ?? false,
    edit: false,
    category: message['category'] ?? 'message',
    content_blocks: message['contentBlocks'] ?? [],
    duration: null,
    session_metadata: { graph_run_id: run.runId },
    properties: properties(message['properties']),
  };
  const text = message['text'] ?? '';
  return {
    text_key: 'text',
    data: {
      ...data,
      timestamp: time === undefined ? null : `${time.replace('T', ' ')} UTC`,
      text,
      ...members,
    },
    default_value: '',
    text,
    timestamp: time === undefined ? null : `${time}+00:00`,
    ...members,
  };
}

function properties(given: Json | undefined): JsonObject {
  const own = (isPlainObject(given) ? given : {}) as JsonObject;
  const source = (isPlainObject(own['source']) ? own['source'] : {}) as JsonObject;
  return {
    text_color: null,
    background_color: null,
    edited: false,
    icon: null,
    allow_markdown: false,
    positive_feedback: null,
    state: 'complete',
    targets: [],
    usage: null,
    build_duration: null,
    ...own,
    source: { id: null, display_name: null, source: null, ...source },
  };
}

function isMessage(value: Json): value is JsonObject {
  return isPlainObject(value) && value['kind'] === 'message';
}
