import { Readable } from 'node:stream';
import type { JsonPieces } from '../domain/json-pieces.js';

/** A JSON text that is written while its items are found: a list of any length needs the memory of a few items. */
export function streamJson(before: string, items: AsyncIterable<JsonPieces>, after: string): Readable {
  return Readable.from(written(before, items, after), { objectMode: false });
}

async function* written(
  before: string,
  items: AsyncIterable<JsonPieces>,
  after: string,
): AsyncGenerator<Buffer> {
  let lead = before;
  for await (const item of items) {
    for (const [index, piece] of item.entries()) yield Buffer.from(index === 0 ? lead + piece : piece);
    lead = ',';
  }
  yield Buffer.from(lead === ',' ? after : before + after);
}
