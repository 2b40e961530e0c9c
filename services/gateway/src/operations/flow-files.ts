import { textBytes } from '@causeway/platform';
import type { JsonPieces } from '../domain/json-pieces.js';
import type { ZipSource } from './zipping.js';

/** Exported flows as the files of a ZIP, as Langflow names them. */
export async function* flowFiles(
  flows: AsyncIterable<{ readonly name: string; readonly pieces: JsonPieces }>,
): AsyncGenerator<ZipSource> {
  for await (const { name, pieces } of flows)
    yield { name: `${name}.json`, content: async () => bytesOf(pieces) };
}

function* bytesOf(pieces: JsonPieces): Generator<Buffer> {
  for (const piece of pieces) yield* textBytes(piece);
}
