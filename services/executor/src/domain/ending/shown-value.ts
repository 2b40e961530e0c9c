import { messageObject } from '@causeway/components/specs';
import type { MessageRun } from '@causeway/components/specs';
import type { Json, JsonObject } from '@causeway/dag';
import { isPlainObject } from '@causeway/dag';

/** The run that made a value. */
interface ShownRun extends MessageRun {
  readonly sessionId: string;
}

/** Most characters of an object or table in its `repr`: the whole value is shown beside it. */
const MOST_REPR = 1_000;

/** A value in the form in which Langflow's own classes are written. */
export function shownResult(value: Json, run: ShownRun): Json {
  if (!isPlainObject(value)) return value;
  switch (value['kind']) {
    case 'message':
      return shownMessage(value as JsonObject, run);
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
        ? value['value'].map((item: Json) => shownResult(item, run))
        : ((value['value'] ?? null) as Json);
    default:
      return value as JsonObject;
  }
}

/** A value by its content: texts, objects and rows, which clients of Langflow distinguish by `type`. */
export function shownOutput(value: Json, run: ShownRun): JsonObject {
  const raw = rawOf(value);
  const message = Array.isArray(raw) ? raw.map((item) => shownResult(item, run)) : raw;
  return { message, type: typeOf(raw) };
}

/** A value as `artifacts` has it: its content, and a short text of that. */
export function shownArtifact(value: Json): JsonObject {
  const raw = rawOf(value);
  return { repr: reprOf(raw), raw, type: typeOf(raw) };
}

export function isMessageValue(value: Json): value is JsonObject {
  return isPlainObject(value) && value['kind'] === 'message';
}

function rawOf(value: Json): Json {
  if (!isPlainObject(value)) return value;
  switch (value['kind']) {
    case 'message':
      return value['text'] as Json;
    case 'data':
      return value['data'] as Json;
    case 'table':
      return value['rows'] as Json;
    default:
      return (value['value'] ?? null) as Json;
  }
}

function typeOf(raw: Json): string {
  if (Array.isArray(raw)) return 'array';
  if (isPlainObject(raw)) return 'object';
  return typeof raw === 'string' ? 'text' : 'unknown';
}

function reprOf(raw: Json): string {
  if (typeof raw === 'string') return raw;
  const text = JSON.stringify(raw, null, 4);
  return text.length > MOST_REPR ? `${text.slice(0, MOST_REPR)}…` : text;
}

function shownMessage(message: JsonObject, run: ShownRun): JsonObject {
  const { timestamp, ...data } = (isPlainObject(message['data']) ? message['data'] : {}) as JsonObject;
  return messageObject(
    run,
    {
      text: (message['text'] ?? '') as string,
      sender: (message['sender'] ?? null) as string | null,
      senderName: (message['senderName'] ?? null) as string | null,
      sessionId: (message['sessionId'] as string) || run.sessionId,
      contextId: (message['contextId'] ?? '') as string,
      files: (message['files'] ?? []) as readonly Json[],
      timestamp: typeof timestamp === 'string' ? timestamp : undefined,
      error: (message['error'] ?? false) as boolean,
      category: (message['category'] ?? 'message') as string,
      properties: (isPlainObject(message['properties']) ? message['properties'] : {}) as JsonObject,
      contentBlocks: (message['contentBlocks'] ?? []) as readonly Json[],
    },
    data,
  );
}
