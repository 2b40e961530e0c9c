import { Readable } from 'node:stream';
import { textBytes } from '@causeway/platform';
import { StreamableFile } from '@nestjs/common';
import type { JsonPieces } from '../../domain/json-pieces.js';
import { streamJson } from '../../operations/json-stream.js';
import type { Call } from '../door/call.js';
import { countAnswer } from './count-answer.js';

const type = 'application/json; charset=utf-8';

/** An answer that is already JSON text. */
export class WrittenJson extends StreamableFile {}

/** A JSON answer that is written while its items are found; see `streamJson`. One item at a time counts in the call's memory. */
export function answerJson(
  call: Call,
  before: string,
  items: AsyncIterable<JsonPieces>,
  after: string | (() => string),
): WrittenJson {
  return new WrittenJson(streamJson(before, countedItems(call, items), after), { type });
}

/** The same items, each counted until the next one is requested. */
async function* countedItems(call: Call, items: AsyncIterable<JsonPieces>): AsyncGenerator<JsonPieces> {
  for await (const pieces of items) {
    const bytes = bytesIn(pieces);
    countAnswer(call, bytes);
    try {
      yield pieces;
    } finally {
      call.memory.answer.giveBack(bytes);
    }
  }
}

/** The JSON of items, one by one, each converted to the shape that is shown. */
export async function* shownAs<T>(
  items: AsyncIterable<T>,
  show: (item: T) => unknown,
): AsyncGenerator<JsonPieces> {
  for await (const item of items) yield [JSON.stringify(show(item))];
}

/** A JSON answer whose pieces are all in memory, where they count. Throws as `countAnswer` does. */
export function answerPieces(call: Call, pieces: JsonPieces): WrittenJson {
  const length = bytesIn(pieces);
  countAnswer(call, length);
  return writtenJson(pieces, length);
}

/** A JSON list of items that are already JSON text, and counted by the caller of this. */
export function answerItems(items: readonly string[]): WrittenJson {
  const pieces = ['[', ...items.flatMap((item, index) => (index === 0 ? [item] : [',', item])), ']'];
  return writtenJson(pieces, bytesIn(pieces));
}

function writtenJson(pieces: JsonPieces, length: number): WrittenJson {
  return new WrittenJson(Readable.from(bytesOf(pieces), { objectMode: false }), { type, length });
}

function bytesIn(pieces: JsonPieces): number {
  return pieces.reduce((bytes, piece) => bytes + Buffer.byteLength(piece), 0);
}

function* bytesOf(pieces: JsonPieces): Generator<Buffer> {
  for (const piece of pieces) yield* textBytes(piece);
}
