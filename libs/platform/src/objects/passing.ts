import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { causewayError } from '@causeway/contracts';
import { log } from '../logging/log.js';
import { openPieces, sealPieces, sealedLength } from '../vault/seal-stream.js';
import type { Vault } from '../vault/vault.js';
import type { ObjectStore } from './object-store.js';
import { textBytes } from './text-bytes.js';

/** Most bytes of texts that one service passes to another. Larger results must be requested in parts. */
export const MOST_PASSED_BYTES = 64 * 1024 * 1024;
const SALT_BYTES = 32;
/** Pieces of 64 KiB that are sealed or opened before other requests are served. */
const PIECES_IN_A_TURN = 64;
/** After a longer text has been decoded, other requests are served. */
const BYTES_IN_A_TURN = 1024 * 1024;

/**
 * Passes texts that are too long for the bus from one process to another: they are left in the object store, which all services
 * share, after a line with their lengths in bytes, and sealed if there is a master key. No row ever names them. The reader removes
 * them; texts of a process that died are removed after an hour.
 */
export class Passing {
  readonly #objects: ObjectStore;
  readonly #vault: Vault | undefined;

  constructor(objects: ObjectStore, vault?: Vault) {
    this.#objects = objects;
    this.#vault = vault;
  }

  /**
   * Leaves texts for another process.
   *
   * @param what  names the texts in the error
   * @returns the name to load them by
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
    const name = this.#vault ? `${randomUUID()}.sealed` : randomUUID();
    await this.#objects.leave(name, await (this.#vault ? sealed(content, this.#vault) : joined(content)));
    return name;
  }

  /** @throws CausewayError PAYLOAD_MISSING; SEALED_UNREADABLE; UNAVAILABLE */
  async load(name: string): Promise<string[]> {
    const content = await this.#open(name, await this.#objects.take(name));
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

  async #open(name: string, stored: Buffer): Promise<Buffer> {
    if (!name.endsWith('.sealed')) return stored;
    if (!this.#vault) throw causewayError('SEALED_UNREADABLE', { problem: 'this process has no master key' });
    const key = this.#vault.keyOf('passing', stored.subarray(0, SALT_BYTES));
    // Opened texts are shorter than sealed ones.
    return joined({ bytes: stored.length, pieces: openPieces([stored.subarray(SALT_BYTES)], key) });
  }

  /** Removes texts that were read, or that no process will read. If they cannot be removed now, they are removed later. */
  async remove(name: string): Promise<void> {
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

async function sealed({ bytes, pieces }: Content, vault: Vault): Promise<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const sealedPieces = sealPieces(pieces, vault.keyOf('passing', salt));
  const withSalt = (async function* () {
    yield salt;
    yield* sealedPieces;
  })();
  return joined({ bytes: SALT_BYTES + sealedLength(bytes), pieces: withSalt });
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
