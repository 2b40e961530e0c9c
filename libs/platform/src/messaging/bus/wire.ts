import type { Msg, MsgHdrs } from '@nats-io/transport-node';
import { headers } from '@nats-io/transport-node';
import { type Context, currentContext } from '../../context/context.js';
import type { Passing } from '../../objects/passing.js';
import { cutTexts, joinTexts } from './long-texts.js';
import { parseJson } from './parse.js';

/** Header names; NATS distinguishes upper and lower case. */
export const Header = {
  traceparent: 'traceparent',
  messageId: 'Nats-Msg-Id',
  requestId: 'X-Request-Id',
  runId: 'X-Run-Id',
  actor: 'X-Actor',
  /** Who sends a request, signed. */
  sender: 'Causeway-Sender',
  /** Code of an error; the body is then the error's wire form. */
  errorCode: 'Causeway-Error',
  /**
   * Name and key of the texts of which the first is the body; the message then has none. Another format of passed texts takes another header:
   * a receiver that does not know it finds an empty body and refuses it as REQUEST_NOT_JSON, and reads nothing wrongly.
   */
  passed: 'Causeway-Sealed-Texts',
  /** What stands in the body for the other texts begins with this. */
  mark: 'Causeway-Mark',
} as const;

/** Longer bodies are passed through the object store: NATS carries 1 MiB at most, and is made for short messages. */
const MOST_BUS_BYTES = 512 * 1024;
/** The headers of a message are shorter than this. */
const HEADER_BYTES = 4096;

/** Whether a body is too long for the bus, given the `max_payload` of its server. */
export function isTooLong(
  text: string,
  maxPayloadBytes = Number.POSITIVE_INFINITY,
  mostBytes = MOST_BUS_BYTES,
): boolean {
  const limitBytes = Math.min(mostBytes, maxPayloadBytes - HEADER_BYTES);
  // A text with fewer characters than a third of the limit is short enough, so its bytes are not counted.
  return text.length * 3 > limitBytes && Buffer.byteLength(text) > limitBytes;
}

/** A message's body: a text for the bus, or headers with the name under which its texts were passed. */
export interface Body {
  readonly text: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** The store for bodies that are too long for the bus, and the bus's limit (`max_payload` of the NATS server, in bytes). */
export interface BodyRoom {
  readonly passing: Passing;
  readonly maxPayloadBytes: number | undefined;
}

/** Makes the body of a message. @throws CausewayError PAYLOAD_TOO_LARGE naming `what`; UNAVAILABLE */
export async function packBody(message: unknown, what: string, room: BodyRoom): Promise<Body> {
  const cut = cutTexts(message);
  if (!cut) return packText(JSON.stringify(message), what, room);
  const name = await room.passing.leave([JSON.stringify(cut.message), ...cut.texts], what);
  return {
    text: '',
    headers: [
      [Header.passed, name],
      [Header.mark, cut.mark],
    ],
  };
}

/** `packBody` for a message that is already JSON text. */
export async function packText(text: string, what: string, room: BodyRoom): Promise<Body> {
  if (!isTooLong(text, room.maxPayloadBytes)) return { text, headers: [] };
  return { text: '', headers: [[Header.passed, await room.passing.leave([text], what)]] };
}

/**
 * Reads the body of a message.
 *
 * @throws CausewayError REQUEST_NOT_JSON; PAYLOAD_MISSING, SEALED_UNREADABLE, UNAVAILABLE
 */
export async function unpackBody(message: Msg, passing: Passing): Promise<unknown> {
  const name = message.headers?.get(Header.passed);
  if (!name) return parseJson(message.string());
  const [text = '', ...texts] = await passing.load(name);
  const body = parseJson(text);
  const mark = message.headers?.get(Header.mark);
  return mark ? joinTexts({ message: body, texts, mark }) : body;
}

/** Headers of a message that is sent now: its id and the ids of the current context. */
export function outgoingHeaders(messageId: string): MsgHdrs {
  const made = headers();
  const { traceparent, requestId, runId, actor } = currentContext();
  made.append(Header.messageId, messageId);
  if (traceparent !== undefined) made.append(Header.traceparent, traceparent);
  if (requestId !== undefined) made.append(Header.requestId, printable(requestId));
  if (runId !== undefined) made.append(Header.runId, runId);
  if (actor !== undefined) made.append(Header.actor, printable(actor));
  return made;
}

/** The context of a received message: ids from its payload, and from its headers those that the payload does not have. */
export function incomingContext(received: MsgHdrs | undefined, input: unknown): Context {
  const payload = idsOf(input);
  const fromHeader = (name: string): string | undefined => received?.get(name) || undefined;
  return withoutUndefined({
    traceparent: fromHeader(Header.traceparent) ?? payload.traceparent,
    requestId: payload.requestId ?? fromHeader(Header.requestId),
    runId: payload.runId ?? fromHeader(Header.runId),
    actor: payload.actor ?? fromHeader(Header.actor),
    organisationId: payload.organisationId,
    teamId: payload.teamId,
  });
}

type Ids = { readonly [K in keyof Context]?: string | undefined };

function idsOf(input: unknown): Ids {
  if (typeof input !== 'object' || input === null) return {};
  const fields = input as Record<string, unknown>;
  const { envelope } = fields;
  if (typeof envelope === 'object' && envelope !== null) return idsOf(envelope);
  const principal = (fields['principal'] ?? {}) as Record<string, unknown>;
  const kind = text(principal['kind']);
  return {
    traceparent: text(fields['traceparent']),
    requestId: text(fields['requestId']),
    runId: text(fields['runId']),
    organisationId: text(fields['organisationId']) ?? text(principal['organisationId']),
    teamId: text(fields['teamId']) ?? text(principal['teamId']),
    actor: kind === undefined ? undefined : `${kind}:${text(principal['id']) ?? ''}`,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function withoutUndefined(ids: Ids): Context {
  const kept: Record<string, string> = {};
  for (const [name, id] of Object.entries(ids)) if (id !== undefined) kept[name] = id;
  return kept;
}

/** Makes an id fit for a header, which is one line of ASCII: ids from outside may hold any characters. */
function printable(value: string): string {
  return value.replaceAll(/[^\x20-\x7e]/g, '?');
}
