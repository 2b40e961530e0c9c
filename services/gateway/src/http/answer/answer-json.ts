import { Readable } from 'node:stream';
import { textBytes } from '@causeway/platform';
import { StreamableFile } from '@nestjs/common';
import type { JsonPieces } from '../../domain/json-pieces.js';
import { streamJson } from '../../operations/json-stream.js';

const type = 'application/json; charset=utf-8';

/** An answer that is already JSON text. */
export class WrittenJson extends StreamableFile {}

/** A JSON answer that is written while its items are found; see `streamJson`. */
export function answerJson(
  before: string,
  items: AsyncIterable<JsonPieces>,
  after: string | (() => string),
): WrittenJson {
  return new WrittenJson(streamJson(before, items, after), { type });
}

/** The JSON of items, one by one, each converted to the shape that is shown. */
export async function* shownAs<T>(
  items: AsyncIterable<T>,
  show: (item: T) => unknown,
): AsyncGenerator<JsonPieces> {
  for await (const item of items) yield [JSON.stringify(show(item))];
}

/** A JSON answer whose pieces are all in memory. */
export function answerPieces(pieces: JsonPieces): WrittenJson {
  const length = pieces.reduce((bytes, piece) => bytes + Buffer.byteLength(piece), 0);
  return new WrittenJson(Readable.from(bytesOf(pieces), { objectMode: false }), { type, length });
}

function* bytesOf(pieces: JsonPieces): Generator<Buffer> {
  for (const piece of pieces) yield* textBytes(piece);
}

/** A JSON list of items that are already JSON text. */
export function answerItems(items: readonly string[]): WrittenJson {
  return answerPieces(['[', ...items.flatMap((item, index) => (index === 0 ? [item] : [',', item])), ']']);
}
