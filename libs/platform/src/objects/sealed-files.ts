import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { causewayError } from '@causeway/contracts';
import { openPieces, sealPieces } from '../vault/seal-stream.js';
import type { Vault } from '../vault/vault.js';
import type { ObjectStore, PutOptions } from './object-store.js';

/** The beginning of a sealed file; the id of the master key and the salt of the file's own key follow. */
const MARK = Buffer.from('causeway sealed file 1\n');
const KEY_ID_BYTES = 8;
const SALT_BYTES = 32;
const HEAD_BYTES = MARK.length + KEY_ID_BYTES + SALT_BYTES;

/**
 * Files of any size in the object store, each sealed with a key of its own while it is streamed. Files that were stored before
 * sealing was introduced are read unchanged. Injectable if there is a master key.
 */
export class SealedFiles {
  readonly #objects: ObjectStore;
  readonly #vault: Vault;

  constructor(objects: ObjectStore, vault: Vault) {
    this.#objects = objects;
    this.#vault = vault;
  }

  /**
   * @returns the SHA-256 of the sealed file, which names it, and the bytes of its content
   * @throws CausewayError PAYLOAD_TOO_LARGE beyond `limitBytes` of content; any error of the source
   */
  async put(
    source: AsyncIterable<Uint8Array>,
    options: PutOptions = {},
  ): Promise<{ sha256: string; bytes: number }> {
    const { limitBytes = Number.POSITIVE_INFINITY, limitName = 'limitBytes', what = 'The content' } = options;
    let bytes = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of source) {
        bytes += chunk.length;
        if (bytes > limitBytes) throw causewayError('PAYLOAD_TOO_LARGE', { what, limitName, limitBytes });
        yield chunk;
      }
    }
    const salt = randomBytes(SALT_BYTES);
    const head = Buffer.concat([MARK, Buffer.from(this.#vault.keyId), salt]);
    const key = this.#vault.keyOf('file', salt);
    async function* sealed(): AsyncGenerator<Uint8Array> {
      yield head;
      yield* sealPieces(counted(), key);
    }
    const { sha256 } = await this.#objects.put(sealed());
    return { sha256, bytes };
  }

  /** @throws CausewayError PAYLOAD_MISSING; the stream fails with SEALED_UNREADABLE when the file was sealed with another key or changed */
  async open(sha256: string): Promise<Readable> {
    const sealed = await this.#objects.open(sha256);
    const stream = Readable.from(this.#opened(sealed), { objectMode: false });
    // If the stream was never read, the generator has not begun, so its end does not close the file.
    return stream.once('close', () => sealed.destroy());
  }

  /** The whole content. @throws CausewayError PAYLOAD_MISSING, SEALED_UNREADABLE */
  async read(sha256: string): Promise<Buffer> {
    return buffer(this.#opened([await this.#objects.read(sha256)]));
  }

  /** Removes a file that no row names. @throws CausewayError UNAVAILABLE */
  remove(sha256: string): Promise<void> {
    return this.#objects.remove(sha256);
  }

  async *#opened(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const { head, rest } = await split(source, HEAD_BYTES);
    if (!head.subarray(0, MARK.length).equals(MARK)) {
      yield head;
      yield* rest;
      return;
    }
    const keyId = head.subarray(MARK.length, MARK.length + KEY_ID_BYTES).toString();
    if (keyId !== this.#vault.keyId) {
      const problem = `it was sealed with key ${keyId}, this process has key ${this.#vault.keyId}`;
      throw causewayError('SEALED_UNREADABLE', { problem });
    }
    yield* openPieces(rest, this.#vault.keyOf('file', head.subarray(-SALT_BYTES)));
  }
}

/** Splits a stream: its first bytes (fewer when it is shorter), and the rest. */
async function split(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  headBytes: number,
): Promise<{ head: Buffer; rest: AsyncIterable<Uint8Array> }> {
  const iterator =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let begun = Buffer.alloc(0);
  while (begun.length < headBytes) {
    const { value, done } = await iterator.next();
    if (done) break;
    begun = Buffer.concat([begun, value]);
  }
  async function* rest(): AsyncGenerator<Uint8Array> {
    try {
      if (begun.length > headBytes) yield begun.subarray(headBytes);
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      // When the reader stops early, the file is closed.
      await iterator.return?.();
    }
  }
  return { head: begun.subarray(0, headBytes), rest: rest() };
}
