import { isPlainObject } from '@causeway/dag';
import type { Json, JsonObject } from '@causeway/dag';

/** The flow and run of a message. */
export interface MessageRun {
  readonly flowId: string;
  readonly runId: string;
}

/** The parts of a message that are written; a value between nodes may lack its sender and time. */
export interface MessageParts {
  readonly text: string;
  readonly sender: string | null;
  readonly senderName: string | null;
  readonly sessionId: string;
  readonly contextId: string;
  readonly files: readonly Json[];
  /** ISO time. */
  readonly timestamp: string | undefined;
  readonly error: boolean;
  readonly category: string;
  readonly properties: JsonObject;
  readonly contentBlocks: readonly Json[];
}

/**
 * A chat message as `add_message` and `error` frames have it: the message, with its id as a further member.
 *
 * @param state `partial` while more tokens of it will come
 */
export function messageFrame(
  run: MessageRun,
  message: MessageParts & { readonly id: string },
  state: 'partial' | 'complete' = 'complete',
): JsonObject {
  const properties = { ...message.properties, state };
  return { ...messageObject(run, { ...message, properties }, { id: message.id }), id: message.id };
}

/**
 * A message as Langflow's own class writes it: the only place where frames and answers get this shape. Its members are
 * repeated beside the `data` that contains all of them.
 *
 * @param data further members of `data`, such as the id
 */
export function messageObject(run: MessageRun, message: MessageParts, data: JsonObject = {}): JsonObject {
  const members: JsonObject = {
    ...messageMembers(run, message),
    timestamp: message.timestamp === undefined ? null : messageTime(message.timestamp),
    properties: fullProperties(message.properties),
  };
  return { text_key: 'text', data: { ...data, ...members }, default_value: '', ...members };
}

/** A message's own members in Langflow's spelling. */
export function messageMembers({ flowId, runId }: MessageRun, message: MessageParts): JsonObject {
  return {
    flow_id: flowId,
    run_id: runId,
    timestamp: message.timestamp === undefined ? null : langflowTime(message.timestamp),
    sender: message.sender,
    sender_name: message.senderName,
    session_id: message.sessionId,
    context_id: message.contextId,
    text: message.text,
    files: [...message.files],
    error: message.error,
    edit: false,
    category: message.category,
    properties: message.properties,
    content_blocks: [...message.contentBlocks],
    duration: null,
    session_metadata: { graph_run_id: runId },
  };
}

/** An ISO time as Langflow writes times into texts: `2026-01-31 12:00:00 UTC`. */
export function langflowTime(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

/** An ISO time as Langflow writes times of messages, with microseconds: `2026-01-31 12:00:00.123000 UTC`. */
function messageTime(iso: string): string {
  const fraction = /\.(\d{1,6})/.exec(iso)?.[1] ?? '';
  return `${iso.slice(0, 19).replace('T', ' ')}.${fraction.padEnd(6, '0')} UTC`;
}

/** Langflow writes every property, set or not. */
function fullProperties(given: JsonObject): JsonObject {
  const source = (isPlainObject(given['source']) ? given['source'] : {}) as JsonObject;
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
    ...given,
    source: { id: null, display_name: null, source: null, ...source },
  };
}
