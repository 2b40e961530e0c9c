import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { isCausewayError } from '@causeway/dag';
import { entireStream } from './entire-stream.js';
import {
  MOST_LISTED,
  type ObjectPage,
  type ObjectRange,
  type ObjectSource,
  ObjectStore,
  type PutOptions,
  RUNS_FOLDER,
  keptPath,
  missing,
  objectName,
  objectPath,
  parseObjectName,
  passedPath,
  runFolder,
  unavailableStore,
} from './object-store.js';
import { S3_PATIENCE, type S3Patience, type S3Place, isAbsent, openS3, storeError } from './s3-client.js';
import { sweepS3 } from './s3-sweeping.js';
import { spool, unlessFull } from './spooling.js';

/** Longer content is sent in parts of this size, two at a time, so an upload needs the memory of two. */
const PART_BYTES = 8 * 1024 * 1024;
/** S3 accepts 10,000 parts. */
const MOST_BYTES = 10_000 * PART_BYTES;

/** Objects in a bucket of S3 or of an S3-compatible server. Streams are written to a local file first, since their name is known only at their end. */
export class S3Store extends ObjectStore {
  readonly #client: S3Client;
  readonly #place: S3Place;
  readonly #spoolFolder: string;
  readonly #patience: S3Patience;

  /** @param spoolFolder  an existing local folder */
  constructor(place: S3Place, spoolFolder: string, patience = S3_PATIENCE) {
    super();
    this.#patience = patience;
    this.#client = openS3(place, patience);
    this.#place = place;
    this.#spoolFolder = spoolFolder;
  }

  async put(source: ObjectSource, options: PutOptions = {}): Promise<{ sha256: string; bytes: number }> {
    const limits = { limitBytes: MOST_BYTES, limitName: 'of one object in S3', ...options };
    const file = await this.#openSpool();
    try {
      const stored = await spool(file, source, limits);
      const body =
        stored.bytes <= PART_BYTES
          ? await contentOf(file, stored.bytes)
          : // The end is given as well: without it the client expects an endless number of parts.
            file.createReadStream({ start: 0, end: stored.bytes - 1, autoClose: false });
      const { runId } = options;
      const name = objectName({ sha256: stored.sha256, ...(runId !== undefined && { runId }) });
      await this.#send(objectPath(name), body);
      return stored;
    } catch (error) {
      throw unlessFull(error);
    } finally {
      await file.close();
    }
  }

  async open(name: string): Promise<Readable> {
    return this.#get(name, objectPath(name));
  }

  async size(name: string): Promise<number> {
    const path = objectPath(name);
    const { ContentLength } = await this.#ask(name, 'HeadObject', () =>
      this.#client.send(new HeadObjectCommand(this.#at(path))),
    );
    return ContentLength ?? 0;
  }

  async read(name: string): Promise<Buffer> {
    const content = await this.#whole(name, objectPath(name));
    const found = createHash('sha256').update(content).digest('hex');
    if (!name.endsWith(found)) throw missing(name, new Error(`the content's hash is ${found}`));
    return content;
  }

  async remove(name: string): Promise<void> {
    await this.#delete(name, objectPath(name));
  }

  async list({
    ofRuns = false,
    after,
    before = '~',
    most = MOST_LISTED,
  }: ObjectRange = {}): Promise<ObjectPage> {
    const { bucket, prefix } = this.#place;
    const root = ofRuns ? `${prefix}${RUNS_FOLDER}/` : prefix;
    const page = await this.#ask('', 'ListObjectsV2', () =>
      this.#client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: root,
          MaxKeys: most,
          ...(after !== undefined && { StartAfter: `${root}${pathOfCursor(after, ofRuns)}` }),
        }),
      ),
    );
    const found = keysOf(page, root);
    const objects = found.flatMap(({ path, bytes, storedAtMs }) => {
      const parts = parseObjectName(path.slice(path.lastIndexOf('/') + 1));
      const isOurs = parts !== undefined && (parts.runId !== undefined) === ofRuns && parts.name < before;
      return isOurs && `${root}${path}` === `${prefix}${objectPath(parts.name)}`
        ? [{ ...parts, bytes, storedAtMs }]
        : [];
    });
    const last = found.at(-1)?.path;
    // In the order of keys the folders with objects come first: they begin with a hexadecimal digit, as every name does.
    const isEnd = !page.IsTruncated || last === undefined || last >= shelfEnd(before, ofRuns);
    return isEnd ? { objects } : { objects, next: `${CURSOR}${last}` };
  }

  async leave(name: string, content: Uint8Array): Promise<void> {
    await this.#send(passedPath(name), content);
  }

  async take(name: string): Promise<Buffer> {
    return this.#whole(name, passedPath(name));
  }

  async drop(name: string): Promise<void> {
    await this.#delete(name, passedPath(name));
  }

  async keep(name: string, content: Uint8Array): Promise<void> {
    await this.#send(keptPath(name), content);
  }

  sweep(nowMs: number): Promise<void> {
    return this.#ask('', 'Sweep', () => sweepS3(this.#client, this.#place, nowMs));
  }

  /** Checks once that the bucket exists and may be listed. @throws CausewayError UNAVAILABLE, with an S3Failure as its cause */
  async check(): Promise<void> {
    await this.list({ most: 1 });
  }

  close(): void {
    this.#client.destroy();
  }

  #at(path: string): { Bucket: string; Key: string } {
    return { Bucket: this.#place.bucket, Key: `${this.#place.prefix}${path}` };
  }

  async #send(path: string, body: Uint8Array | Readable): Promise<void> {
    const isShort = body instanceof Uint8Array && body.length <= PART_BYTES;
    await this.#ask(path, 'PutObject', async () => {
      if (isShort) await this.#client.send(new PutObjectCommand({ ...this.#at(path), Body: body }));
      else
        await new Upload({
          client: this.#client,
          params: { ...this.#at(path), Body: body },
          partSize: PART_BYTES,
          queueSize: 2,
        }).done();
    });
  }

  async #get(name: string, path: string): Promise<Readable> {
    const { Body, ContentLength } = await this.#ask(name, 'GetObject', () =>
      this.#client.send(new GetObjectCommand(this.#at(path))),
    );
    return entireStream(Body as Readable, name, ContentLength ?? 0, {
      idleMs: this.#patience.idleMs,
      brokenOff: (error) => storeError('GetObject', this.#place, name, error),
    });
  }

  /** Reads a whole content, and reads it again when it breaks off: the official client repeats only until the answer begins. */
  async #whole(name: string, path: string): Promise<Buffer> {
    const once = async (): Promise<Buffer> => buffer(await this.#get(name, path));
    return once().catch((error: unknown) => {
      if (isCausewayError(error) && error.code === 'PAYLOAD_MISSING') throw error;
      return once();
    });
  }

  async #delete(name: string, path: string): Promise<void> {
    await this.#ask(name, 'DeleteObject', () =>
      this.#client.send(new DeleteObjectCommand(this.#at(path))).catch((error: unknown) => {
        if (!isAbsent(error)) throw error;
      }),
    );
  }

  async #ask<T>(name: string, operation: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw isCausewayError(error) ? error : storeError(operation, this.#place, name, error);
    }
  }

  /** Opens a file and removes its name at once: the system deletes it when the process ends, in whatever way. */
  async #openSpool(): Promise<FileHandle> {
    const path = join(this.#spoolFolder, `causeway-spool-${randomUUID()}`);
    try {
      const file = await open(path, 'wx+', 0o600);
      await rm(path);
      return file;
    } catch (error) {
      throw unavailableStore(error);
    }
  }
}

async function contentOf(file: FileHandle, bytes: number): Promise<Buffer> {
  const content = Buffer.alloc(bytes);
  let start = 0;
  while (start < bytes) {
    const { bytesRead } = await file.read(content, start, bytes - start, start);
    if (bytesRead === 0) throw new Error(`the spooled file ended after ${start} of ${bytes} bytes`);
    start += bytesRead;
  }
  return content;
}

/** Marks the last key of a page, which need not be the key of an object. */
const CURSOR = 'key:';

function pathOfCursor(after: string, ofRuns: boolean): string {
  if (after.startsWith(CURSOR)) return after.slice(CURSOR.length);
  return `${ofRuns ? runFolder(after) : after.slice(0, 2)}/${after}`;
}

/** The first path after those of all objects before the name. */
function shelfEnd(before: string, ofRuns: boolean): string {
  return before > 'g' ? 'g' : `${ofRuns ? runFolder(before) : before.slice(0, 2)}/${before}`;
}

/** Reads one page of keys below a prefix. */
function keysOf(
  page: ListObjectsV2CommandOutput,
  prefix: string,
): { path: string; bytes: number; storedAtMs: number }[] {
  return (page.Contents ?? []).map(({ Key = '', Size = 0, LastModified }) => ({
    path: Key.slice(prefix.length),
    bytes: Size,
    storedAtMs: LastModified?.getTime() ?? 0,
  }));
}
