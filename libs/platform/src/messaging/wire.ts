import type { MsgHdrs } from '@nats-io/transport-node';
import { headers } from '@nats-io/transport-node';
import { type Context, currentContext } from '../context/context.js';

/** Header names; NATS compares them case by case. */
export const Header = {
  traceparent: 'traceparent',
  messageId: 'Nats-Msg-Id',
  requestId: 'X-Request-Id',
  runId: 'X-Run-Id',
  actor: 'X-Actor',
  /** Code of an error; the body is then the error's wire form. */
  errorCode: 'Causeway-Error',
  /** Name of the text that is the body; the message then has none. */
  passed: 'Causeway-Passed',
} as const;

/** Longer bodies are passed through the object store: NATS carries 1 MiB at most, and is no place for much more than questions. */
const MOST_BUS_BYTES = 512 * 1024;
/** Headers stay below this. */
const HEADER_BYTES = 2048;

/** Whether a body is too long for the bus, given the `max_payload` of its server. */
export function isTooLong(
  text: string,
  maxPayloadBytes = Number.POSITIVE_INFINITY,
  mostBytes = MOST_BUS_BYTES,
): boolean {
  const limitBytes = Math.min(mostBytes, maxPayloadBytes - HEADER_BYTES);
  // A text of fewer than a third of the limit needs no counting.
  return text.length * 3 > limitBytes && Buffer.byteLength(text) > limitBytes;
}

/** Headers of a message sent now: its id and what it is sent for. */
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

/** What a message is sent for: its payload's ids, and its headers for what the payload does not say. */
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

/** Ids that came from outside may hold anything; a header holds one line of ASCII. */
function printable(value: string): string {
  return value.replaceAll(/[^\x20-\x7e]/g, '?');
}
