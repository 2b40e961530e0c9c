import { Readable } from 'node:stream';

/** A JSON text that is written while its items are found: a list of any length needs the memory of a few items. */
export function streamJson(before: string, items: AsyncIterable<string>, after: string): Readable {
  return Readable.from(pieces(before, items, after), { objectMode: false });
}

async function* pieces(before: string, items: AsyncIterable<string>, after: string): AsyncGenerator<Buffer> {
  let lead = before;
  for await (const item of items) {
    yield Buffer.from(lead + item);
    lead = ',';
  }
  yield Buffer.from(lead === ',' ? after : before + after);
}
