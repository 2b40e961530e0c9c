import { causewayError } from '@causeway/contracts';

/** Where a page of messages ended. */
export interface PageKey {
  readonly at: Date;
  readonly seq: number;
  readonly id: string;
}

/** Writes a page key as the opaque text that callers pass back. */
export function writePageKey(key: PageKey): string {
  return Buffer.from(`${key.at.toISOString()} ${key.seq} ${key.id}`).toString('base64url');
}

/** Reads a page key; REQUEST_INVALID when it was not written by `writePageKey`. */
export function parsePageKey(text: string): PageKey {
  const [time = '', seq = '', id = ''] = Buffer.from(text, 'base64url').toString().split(' ');
  const at = new Date(time);
  if (Number.isNaN(at.getTime()) || !/^\d+$/.test(seq) || !/^[0-9a-f-]{36}$/.test(id))
    throw causewayError('REQUEST_INVALID', {
      problems: 'after: not a page key; pass back the `next` of the page before',
    });
  return { at, seq: Number(seq), id };
}
