import { textBytes } from '@causeway/platform';
import type { JsonPieces } from '../domain/json-pieces.js';
import type { ZipSource } from './zipping.js';

/**
 * Exported flows as the files of a ZIP, as Langflow names them, one in memory at a time.
 *
 * @param memory  where its bytes count meanwhile
 */
export async function* flowFiles(
  flows: AsyncIterable<{ readonly name: string; readonly pieces: JsonPieces }>,
  memory: { add(bytes: number): void; giveBack(bytes: number): void },
): AsyncGenerator<ZipSource> {
  for await (const { name, pieces } of flows) {
    const bytes = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
    memory.add(bytes);
    yield { name: `${name}.json`, content: async () => bytesOf(pieces) };
    memory.giveBack(bytes);
  }
}

function* bytesOf(pieces: JsonPieces): Generator<Buffer> {
  for (const piece of pieces) yield* textBytes(piece);
}
