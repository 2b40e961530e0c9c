import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { causewayError } from '@causeway/contracts';
import { sweepFolder } from './sweeping.js';

/** A source that gives nothing for so long has died with its process. */
const INCOMING_KEPT_MS = 24 * 60 * 60_000;

export interface PutOptions {
  /** @default no limit */
  readonly limitBytes?: number;
  /** Name of the limit, for the error. */
  readonly limitName?: string;
  /** What is stored, for the error. @default 'The content' */
  readonly what?: string;
}

/** Bytes named by their SHA-256, in a folder that all services share. Injectable. */
export class ObjectStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  /**
   * Stores bytes. On disk and synced before this settles; the same content twice is one file. What could not be stored
   * entirely leaves nothing behind.
   *
   * @throws CausewayError PAYLOAD_TOO_LARGE beyond `limitBytes`; whatever the source throws
   */
  async put(
    source: Uint8Array | string | AsyncIterable<Uint8Array>,
    options: PutOptions = {},
  ): Promise<{ sha256: string; bytes: number }> {
    await mkdir(join(this.#folder, 'incoming'), { recursive: true });
    const temporary = join(this.#folder, 'incoming', randomUUID());
    try {
      const stored = await writeTo(temporary, source, options);
      const target = this.#path(stored.sha256);
      // The same content may be there already; replacing it by itself changes nothing and repairs a damaged file.
      await mkdir(dirname(target), { recursive: true });
      await rename(temporary, target);
      await syncFolder(dirname(target));
      return stored;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** @throws CausewayError PAYLOAD_MISSING */
  async open(sha256: string): Promise<Readable> {
    return (await this.#handle(sha256)).createReadStream();
  }

  /** @throws CausewayError PAYLOAD_MISSING */
  async size(sha256: string): Promise<number> {
    try {
      return (await stat(this.#path(sha256))).size;
    } catch (error) {
      throw missing(sha256, error);
    }
  }

  /**
   * The whole content, compared with its hash.
   *
   * @throws CausewayError PAYLOAD_MISSING when it is absent or damaged
   */
  async read(sha256: string): Promise<Buffer> {
    const content = await readFile(this.#path(sha256)).catch((error: unknown) => {
      throw missing(sha256, error);
    });
    const found = createHash('sha256').update(content).digest('hex');
    if (found !== sha256) throw missing(sha256, new Error(`the content's hash is ${found}`));
    return content;
  }

  /** Removes what processes that died had begun to store. */
  async sweep(nowMs: number): Promise<void> {
    await sweepFolder(join(this.#folder, 'incoming'), INCOMING_KEPT_MS, nowMs);
  }

  /** Removes what nobody names any more; nothing when it is gone already. */
  async remove(sha256: string): Promise<void> {
    await rm(this.#path(sha256), { force: true });
  }

  async #handle(sha256: string): Promise<FileHandle> {
    try {
      return await open(this.#path(sha256), 'r');
    } catch (error) {
      throw missing(sha256, error);
    }
  }

  #path(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw missing(sha256, new Error('not a SHA-256 in hex'));
    return join(this.#folder, sha256.slice(0, 2), sha256);
  }
}

async function writeTo(
  path: string,
  source: Uint8Array | string | AsyncIterable<Uint8Array>,
  { limitBytes = Number.POSITIVE_INFINITY, limitName = 'limitBytes', what = 'The content' }: PutOptions,
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of chunksOf(source)) {
      bytes += chunk.length;
      if (bytes > limitBytes)
        throw causewayError('PAYLOAD_TOO_LARGE', { what, bytes, limitName, limitBytes });
      hash.update(chunk);
      // Unlike write(), writeFile() on a handle writes all of a chunk, at the current position.
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

async function* chunksOf(source: Uint8Array | string | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (typeof source === 'string') yield Buffer.from(source);
  else if (source instanceof Uint8Array) yield source;
  else yield* source;
}

/** A renamed file survives a power loss once its folder is synced too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function missing(sha256: string, cause: unknown): Error {
  return causewayError('PAYLOAD_MISSING', { sha256: sha256.slice(0, 64) }, { cause });
}
