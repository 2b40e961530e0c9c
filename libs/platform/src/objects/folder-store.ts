import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { entireStream } from './entire-stream.js';
import {
  BEGUN_KEPT_MS,
  MOST_LISTED,
  type ObjectPage,
  type ObjectRange,
  type ObjectSource,
  ObjectStore,
  PASSED_KEPT_MS,
  RUNS_FOLDER,
  type PutOptions,
  type StoredObject,
  keptPath,
  missing,
  objectName,
  objectPath,
  parseObjectName,
  passedPath,
  runFolder,
} from './object-store.js';
import { spool, unlessFull } from './spooling.js';
import { sweepFolder } from './sweeping.js';

/** Names of folders, below the root or the folder of runs, that hold objects. */
const SHELF = /^[0-9a-f]{2}(?:[0-9a-f]{5})?$/;

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
      const { runId } = options;
      const name = objectName({ sha256: stored.sha256, ...(runId !== undefined && { runId }) });
      const target = join(this.#folder, objectPath(name));
      await moveTo(target, temporary);
      await syncFolder(dirname(target));
      return stored;
    } catch (error) {
      throw unlessFull(error);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async open(name: string): Promise<Readable> {
    const handle = await open(join(this.#folder, objectPath(name)), 'r').catch(rethrow(name));
    try {
      const { size } = await handle.stat();
      return entireStream(handle.createReadStream(), name, size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async size(name: string): Promise<number> {
    return (await stat(join(this.#folder, objectPath(name))).catch(rethrow(name))).size;
  }

  async read(name: string): Promise<Buffer> {
    const content = await readFile(join(this.#folder, objectPath(name))).catch(rethrow(name));
    const found = createHash('sha256').update(content).digest('hex');
    if (!name.endsWith(found)) throw missing(name, new Error(`the content's hash is ${found}`));
    return content;
  }

  async remove(name: string): Promise<void> {
    const path = join(this.#folder, objectPath(name));
    await rm(path, { force: true });
    // Each folder of runs is for some minutes, so empty ones are removed: they would become many. One that a `put` has filled meanwhile stays.
    if (parseObjectName(name)?.runId !== undefined) await rmdir(dirname(path)).catch(() => undefined);
  }

  async list({
    ofRuns = false,
    after = '',
    before = '~',
    most = MOST_LISTED,
  }: ObjectRange = {}): Promise<ObjectPage> {
    const root = ofRuns ? join(this.#folder, RUNS_FOLDER) : this.#folder;
    const shelfOf = (name: string): string => (ofRuns ? runFolder(name) : name.slice(0, 2));
    const objects: StoredObject[] = [];
    for (const shelf of (await namesIn(root)).filter((name) => SHELF.test(name))) {
      if (shelf < shelfOf(after)) continue;
      if (shelf > shelfOf(before)) break;
      for (const name of await namesIn(join(root, shelf))) {
        const parts = parseObjectName(name);
        if (name <= after || name >= before || !parts) continue;
        if (objects.length === most) return { objects, next: objects.at(-1)?.name as string };
        const found = await stat(join(root, shelf, name)).catch(unlessAbsent);
        if (found) objects.push({ ...parts, bytes: found.size, storedAtMs: found.mtimeMs });
      }
    }
    return { objects };
  }

  async leave(name: string, content: Uint8Array): Promise<void> {
    const path = join(this.#folder, passedPath(name));
    try {
      await mkdir(dirname(path), { recursive: true });
      // Not synced: the process that waits for it does not survive a power loss either.
      await writeFile(`${path}.part`, content);
      await rename(`${path}.part`, path);
    } catch (error) {
      await rm(`${path}.part`, { force: true });
      throw unlessFull(error);
    }
  }

  async take(name: string): Promise<Buffer> {
    return readFile(join(this.#folder, passedPath(name))).catch(rethrow(name));
  }

  async drop(name: string): Promise<void> {
    await rm(join(this.#folder, passedPath(name)), { force: true });
  }

  async keep(name: string, content: Uint8Array): Promise<void> {
    const temporary = join(this.#folder, 'incoming', randomUUID());
    const target = join(this.#folder, keptPath(name));
    try {
      await mkdir(dirname(temporary), { recursive: true });
      await spoolTo(temporary, content, {});
      await moveTo(target, temporary);
      await syncFolder(dirname(target));
    } catch (error) {
      throw unlessFull(error);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async sweep(nowMs: number): Promise<void> {
    await sweepFolder(join(this.#folder, 'incoming'), BEGUN_KEPT_MS, nowMs);
    await sweepFolder(join(this.#folder, 'passing'), PASSED_KEPT_MS, nowMs);
  }

  close(): void {}
}

/** How often it is tried again when a removal deletes the folder between its creation and its use. */
const TRIES = 3;

/** If the same content exists already, replacing it changes nothing, and repairs a damaged file. */
async function moveTo(target: string, temporary: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await mkdir(dirname(target), { recursive: true });
    try {
      await rename(temporary, target);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === TRIES) throw error;
    }
  }
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
