import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { entireStream } from './entire-stream.js';
import {
  BEGUN_KEPT_MS,
  MOST_LISTED,
  type ObjectPage,
  type ObjectSource,
  ObjectStore,
  PASSED_KEPT_MS,
  type PutOptions,
  type StoredObject,
  isObjectName,
  missing,
  objectPath,
  passedPath,
  unavailableStore,
} from './object-store.js';
import { spool } from './spooling.js';
import { sweepFolder } from './sweeping.js';

/** Objects in a folder that all services share. */
export class FolderStore extends ObjectStore {
  readonly #folder: string;

  constructor(folder: string) {
    super();
    this.#folder = resolve(folder);
  }

  async put(source: ObjectSource, options: PutOptions = {}): Promise<{ sha256: string; bytes: number }> {
    const temporary = join(this.#folder, 'incoming', randomUUID());
    try {
      await mkdir(dirname(temporary), { recursive: true });
      const stored = await spoolTo(temporary, source, options);
      const target = join(this.#folder, objectPath(stored.sha256));
      // The same content may be there already; replacing it by itself changes nothing and repairs a damaged file.
      await mkdir(dirname(target), { recursive: true });
      await rename(temporary, target);
      await syncFolder(dirname(target));
      return stored;
    } catch (error) {
      throw isFull(error) ? unavailableStore(error) : error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async open(sha256: string): Promise<Readable> {
    const handle = await open(join(this.#folder, objectPath(sha256)), 'r').catch(rethrow(sha256));
    try {
      const { size } = await handle.stat();
      return entireStream(handle.createReadStream(), sha256, size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async size(sha256: string): Promise<number> {
    return (await stat(join(this.#folder, objectPath(sha256))).catch(rethrow(sha256))).size;
  }

  async read(sha256: string): Promise<Buffer> {
    const content = await readFile(join(this.#folder, objectPath(sha256))).catch(rethrow(sha256));
    const found = createHash('sha256').update(content).digest('hex');
    if (found !== sha256) throw missing(sha256, new Error(`the content's hash is ${found}`));
    return content;
  }

  async remove(sha256: string): Promise<void> {
    await rm(join(this.#folder, objectPath(sha256)), { force: true });
  }

  async list({
    after = '',
    most = MOST_LISTED,
  }: { after?: string; most?: number } = {}): Promise<ObjectPage> {
    const objects: StoredObject[] = [];
    for (const shelf of (await namesIn(this.#folder)).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
      if (shelf < after.slice(0, 2)) continue;
      for (const sha256 of await namesIn(join(this.#folder, shelf))) {
        if (sha256 <= after || !isObjectName(sha256)) continue;
        if (objects.length === most) return { objects, next: objects.at(-1)?.sha256 as string };
        const found = await stat(join(this.#folder, shelf, sha256)).catch(unlessAbsent);
        if (found) objects.push({ sha256, bytes: found.size, storedAtMs: found.mtimeMs });
      }
    }
    return { objects };
  }

  async leave(name: string, content: Uint8Array): Promise<void> {
    const path = join(this.#folder, passedPath(name));
    try {
      await mkdir(dirname(path), { recursive: true });
      // Not synced: who waits for it does not outlive a power loss either.
      await writeFile(`${path}.part`, content);
      await rename(`${path}.part`, path);
    } catch (error) {
      await rm(`${path}.part`, { force: true });
      throw isFull(error) ? unavailableStore(error) : error;
    }
  }

  async take(name: string): Promise<Buffer> {
    return readFile(join(this.#folder, passedPath(name))).catch(rethrow(name));
  }

  async drop(name: string): Promise<void> {
    await rm(join(this.#folder, passedPath(name)), { force: true });
  }

  async sweep(nowMs: number): Promise<void> {
    await sweepFolder(join(this.#folder, 'incoming'), BEGUN_KEPT_MS, nowMs);
    await sweepFolder(join(this.#folder, 'passing'), PASSED_KEPT_MS, nowMs);
  }

  close(): void {}
}

async function spoolTo(
  path: string,
  source: ObjectSource,
  options: PutOptions,
): Promise<{ sha256: string; bytes: number }> {
  const file = await open(path, 'wx');
  try {
    const spooled = await spool(file, source, options);
    await file.sync();
    return spooled;
  } finally {
    await file.close();
  }
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

async function namesIn(folder: string): Promise<string[]> {
  return ((await readdir(folder).catch(unlessAbsent)) ?? []).toSorted();
}

function rethrow(name: string): (error: unknown) => never {
  return (error) => {
    throw missing(name, error);
  };
}

function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** The disk is full, or its quota used up: others' files may go, and then it works again. */
function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
