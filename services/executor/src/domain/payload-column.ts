import type { Payload } from '@causeway/contracts';

/** A payload as one text: its JSON, or `@<sha256>:<bytes>` for what lies in the object store. JSON never begins with `@`. */
export function writePayloadColumn(payload: Payload): string {
  return 'inline' in payload ? payload.inline : `@${payload.sha256}:${payload.bytes}`;
}

/** The payload behind `writePayloadColumn`. */
export function readPayloadColumn(text: string): Payload {
  if (!text.startsWith('@')) return { inline: text };
  const [sha256 = '', bytes = '0'] = text.slice(1).split(':');
  return { sha256, bytes: Number(bytes) };
}
