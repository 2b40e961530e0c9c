import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { causewayError } from '@causeway/contracts';
import { openPieces, sealPieces } from '../vault/seal-stream.js';
import { type KeySource, SealedKind, type SealedPlace } from '../vault/key-source.js';
import type { Vault } from '../vault/vault.js';
import type { ObjectStore, PutOptions } from './object-store.js';

/** The beginning of a file that is sealed with a key of its own, which its row holds. */
const MARK = Buffer.from('causeway sealed file 2\n');
/** The beginning of a file of an earlier build; the id of the master key and the salt of the file's key follow. */
const OLD_MARK = Buffer.from('causeway sealed file 1\n');
const MASTER_ID_BYTES = 8;
const SALT_BYTES = 32;
const KEY_BYTES = 32;

/** A file, as its row names it. */
export interface SealedFile {
  readonly organisationId: string;
  readonly id: string;
  readonly sha256: string;
  /** Its key, sealed for its row; absent for a file of an earlier build. */
  readonly sealedKey?: string | null | undefined;
}

/** The place of a file's key. */
export function placeOfFile({ organisationId, id }: Pick<SealedFile, 'organisationId' | 'id'>): SealedPlace {
  return { organisationId, kind: SealedKind.file, id };
}

/** The place of a file's key until the file has a row. */
export function placeOfGivenFile(organisationId: string, sha256: string): SealedPlace {
  return { organisationId, kind: SealedKind.given, id: sha256, part: 'file' };
}

/**
 * Files of any size in the object store, each sealed with a key of its own while it is streamed. The key is kept, sealed, in the file's
 * row, so a rotation seals keys again and no content. Files that were stored before sealing was introduced are read unchanged. Injectable
 * where there is a Vault.
 */
export class SealedFiles {
  readonly #objects: ObjectStore;
  readonly #vault: Vault;
  readonly #keys: KeySource;

  constructor(objects: ObjectStore, vault: Vault, keys: KeySource) {
    this.#objects = objects;
    this.#vault = vault;
    this.#keys = keys;
  }

  /**
   * @returns the SHA-256 of the sealed file, which names it, the bytes of its content, and its key, sealed for `placeOfGivenFile`
   * @throws CausewayError PAYLOAD_TOO_LARGE beyond `limitBytes` of content; any error of the source
   */
  async put(
    organisationId: string,
    source: AsyncIterable<Uint8Array>,
    options: PutOptions = {},
  ): Promise<{ sha256: string; bytes: number; sealedKey: string }> {
    const { limitBytes = Number.POSITIVE_INFINITY, limitName = 'limitBytes', what = 'The content' } = options;
    let bytes = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of source) {
        bytes += chunk.length;
        if (bytes > limitBytes) throw causewayError('PAYLOAD_TOO_LARGE', { what, limitName, limitBytes });
        yield chunk;
      }
    }
    // Nothing is stored whose key could not be sealed.
    await this.#keys.rowKey({ organisationId, kind: SealedKind.given, id: '' });
    const key = randomBytes(KEY_BYTES);
    async function* sealed(): AsyncGenerator<Uint8Array> {
      yield MARK;
      yield* sealPieces(counted(), key);
    }
    const { sha256 } = await this.#objects.put(sealed());
    const place = placeOfGivenFile(organisationId, sha256);
    return { sha256, bytes, sealedKey: await this.#vault.seal(key.toString('base64'), place) };
  }

  /** @throws CausewayError PAYLOAD_MISSING; the stream fails with SEALED_UNREADABLE when the file has another key or was changed */
  async open(file: SealedFile): Promise<Readable> {
    const sealed = await this.#objects.open(file.sha256);
    const stream = Readable.from(this.#opened(file, sealed), { objectMode: false });
    // If the stream was never read, the generator has not begun, so its end does not close the file.
    return stream.once('close', () => sealed.destroy());
  }

  /** The whole content. @throws CausewayError PAYLOAD_MISSING, SEALED_UNREADABLE */
  async read(file: SealedFile): Promise<Buffer> {
    return buffer(this.#opened(file, [await this.#objects.read(file.sha256)]));
  }

  /** The key of a file of an earlier build, as base64; undefined for one that was stored before sealing was introduced. */
  async oldKey({ organisationId, sha256 }: SealedFile): Promise<string | undefined> {
    const stored = await this.#objects.open(sha256);
    try {
      const { head, rest } = await split(stored, OLD_MARK.length);
      if (!head.equals(OLD_MARK)) return undefined;
      const named = await split(rest, MASTER_ID_BYTES + SALT_BYTES);
      return (await this.#oldKey(organisationId, named.head)).toString('base64');
    } finally {
      stored.destroy();
    }
  }

  /** Removes a file that no row names. @throws CausewayError UNAVAILABLE */
  remove(sha256: string): Promise<void> {
    return this.#objects.remove(sha256);
  }

  async *#opened(
    file: SealedFile,
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    const { head, rest } = await split(source, MARK.length);
    const isOld = head.equals(OLD_MARK);
    if (!isOld && !head.equals(MARK)) {
      if (file.sealedKey) throw causewayError('SEALED_UNREADABLE', { problem: 'it is not a sealed file' });
      yield head;
      yield* rest;
      return;
    }
    const { head: named, rest: pieces } = isOld
      ? await split(rest, MASTER_ID_BYTES + SALT_BYTES)
      : { head: undefined, rest };
    yield* openPieces(pieces, await this.#keyOf(file, named));
  }

  /** @param named  what stands in the head of a file of an earlier build */
  async #keyOf(file: SealedFile, named: Buffer | undefined): Promise<Buffer> {
    if (file.sealedKey)
      return Buffer.from(await this.#vault.open(file.sealedKey, placeOfFile(file)), 'base64');
    if (!named) throw causewayError('SEALED_UNREADABLE', { problem: 'its row holds no key' });
    return this.#oldKey(file.organisationId, named);
  }

  #oldKey(organisationId: string, named: Buffer): Promise<Buffer> {
    const masterKeyId = named.subarray(0, MASTER_ID_BYTES).toString();
    return this.#keys.oldFileKey(organisationId, masterKeyId, named.subarray(MASTER_ID_BYTES));
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
