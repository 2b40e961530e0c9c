import { Readable } from 'node:stream';
import { textBytes } from '@causeway/platform';
import type { JsonPieces } from '../domain/json-pieces.js';

/**
 * A JSON text that is written while its items are found: a list of any length needs the memory of a few items.
 *
 * @param after  the text after the items; a function is called once all of them are written
 */
export function streamJson(
  before: string,
  items: AsyncIterable<JsonPieces>,
  after: string | (() => string),
): Readable {
  return Readable.from(written(before, items, after), { objectMode: false });
}

async function* written(
  before: string,
  items: AsyncIterable<JsonPieces>,
  after: string | (() => string),
): AsyncGenerator<Buffer> {
  let lead = before;
  for await (const item of items) {
    yield Buffer.from(lead);
    for (const piece of item) yield* textBytes(piece);
    lead = ',';
  }
  const end = typeof after === 'string' ? after : after();
  yield Buffer.from(lead === ',' ? end : before + end);
}
