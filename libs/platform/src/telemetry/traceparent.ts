import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(24 * 128);
let used = pool.length;

/** A new W3C trace context. `isTraced` decides for every process that handles the request. */
export function newTraceparent(isTraced: boolean): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const hex = pool.toString('hex', used, used + 24);
  used += 24;
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-${isTraced ? '01' : '00'}`;
}

/** A trace context from outside; undefined when the text is not one. */
export function parseTraceparent(text: string | undefined): string | undefined {
  if (text === undefined || !/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/.test(text)) return undefined;
  return text.startsWith('00-00000000000000000000000000000000') || text.slice(36, 52) === '0000000000000000'
    ? undefined
    : text;
}
