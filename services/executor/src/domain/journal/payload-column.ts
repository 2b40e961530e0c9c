import type { Payload } from '@causeway/contracts';

/**
 * A payload as one text: its JSON, or `@<sha256>:<bytes>:<run id>` for one in the object store. JSON never begins with `@`. A text
 * without a run id belongs to no run.
 */
export function writePayloadColumn(payload: Payload): string {
  if ('inline' in payload) return payload.inline;
  const { sha256, bytes, runId } = payload;
  return runId === undefined ? `@${sha256}:${bytes}` : `@${sha256}:${bytes}:${runId}`;
}

/** The payload behind `writePayloadColumn`. */
export function readPayloadColumn(text: string): Payload {
  if (!text.startsWith('@')) return { inline: text };
  const [sha256 = '', bytes = '0', runId] = text.slice(1).split(':');
  return { sha256, bytes: Number(bytes), ...(runId !== undefined && { runId }) };
}
