import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { causewayError } from '@causeway/contracts';
import { log } from '../logging/log.js';
import { openPieces, sealPieces, sealedLength } from '../vault/seal-stream.js';
import type { ObjectStore } from './object-store.js';
import { textBytes } from './text-bytes.js';

/** Most bytes of texts that one service passes to another. Larger results must be requested in parts. */
export const MOST_PASSED_BYTES = 64 * 1024 * 1024;
const KEY_BYTES = 32;
/** Pieces of 64 KiB that are sealed or opened before other requests are served. */
const PIECES_IN_A_TURN = 64;
/** After a longer text has been decoded, other requests are served. */
const BYTES_IN_A_TURN = 1024 * 1024;

/**
 * Passes texts that are too long for the bus from one process to another: they are left in the object store, which all services
 * share, after a line with their lengths in bytes, and sealed with a key that is used once and that the message on the bus carries. So
 * the object store alone discloses nothing, and no service needs a key for it. No row ever names them. The reader removes them; texts of
 * a process that died are removed after an hour.
 */
export class Passing {
  readonly #objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  /**
   * Leaves texts for another process.
   *
   * @param what  names the texts in the error
   * @returns the ticket to load them by: their name and their key
   * @throws CausewayError PAYLOAD_TOO_LARGE beyond 64 MiB; UNAVAILABLE
   */
  async leave(texts: readonly string[], what: string): Promise<string> {
    const lengths = texts.map((text) => Buffer.byteLength(text));
    const bytes = lengths.reduce((sum, length) => sum + length, 0);
    if (bytes > MOST_PASSED_BYTES) {
      const limitName = 'of a message between services';
      throw causewayError('PAYLOAD_TOO_LARGE', { what, bytes, limitName, limitBytes: MOST_PASSED_BYTES });
    }
    const head = Buffer.from(`${lengths.join(' ')}\n`);
    const content = { bytes: head.length + bytes, pieces: piecesOf(head, texts) };
    const name = `${randomUUID()}.sealed`;
    const key = randomBytes(KEY_BYTES);
    const pieces = sealPieces(content.pieces, key);
    await this.#objects.leave(name, await joined({ bytes: sealedLength(content.bytes), pieces }));
    return `${name}:${key.toString('base64url')}`;
  }

  /** @throws CausewayError PAYLOAD_MISSING; SEALED_UNREADABLE; UNAVAILABLE */
  async load(ticket: string): Promise<string[]> {
    const [name = '', key = ''] = ticket.split(':');
    const sealed = await this.#objects.take(name);
    // Opened texts are shorter than sealed ones.
    const content = await joined({
      bytes: sealed.length,
      pieces: openPieces([sealed], Buffer.from(key, 'base64url')),
    });
    let end = content.indexOf('\n') + 1;
    const lengths = content
      .toString('latin1', 0, Math.max(0, end - 1))
      .split(' ')
      .map(Number);
    const texts: string[] = [];
    for (const length of lengths) {
      texts.push(content.toString('utf8', end, (end += length)));
      if (length > BYTES_IN_A_TURN) await nextTurn();
    }
    return texts;
  }

  /** Removes texts that were read, or that no process will read. If they cannot be removed now, they are removed later. */
  async remove(ticket: string): Promise<void> {
    const [name = ''] = ticket.split(':');
    await this.#objects
      .drop(name)
      .catch((error: unknown) => log.warn({ error, name }, 'passed text not removed'));
  }
}

/** Bytes that are produced while they are read. */
interface Content {
  /** Most bytes of it. */
  readonly bytes: number;
  readonly pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

function* piecesOf(head: Buffer, texts: readonly string[]): Generator<Buffer> {
  yield head;
  for (const text of texts) yield* textBytes(text);
}

/** The bytes in one buffer, which is allocated once; other requests are served between. */
async function joined({ bytes, pieces }: Content): Promise<Buffer> {
  const content = Buffer.allocUnsafe(bytes);
  let end = 0;
  let count = 0;
  for await (const piece of pieces) {
    content.set(piece, end);
    end += piece.length;
    if (++count % PIECES_IN_A_TURN === 0) await nextTurn();
  }
  return content.subarray(0, end);
}
