import type { Readable } from 'node:stream';
import { causewayError } from '@causeway/contracts';

export interface PutOptions {
  /** @default no limit */
  readonly limitBytes?: number;
  /** Name of the limit, for the error. */
  readonly limitName?: string;
  /** What is stored, for the error. @default 'The content' */
  readonly what?: string;
  /** The run that the object belongs to, a UUIDv7: the object then has a name of its own and is removed with its run. */
  readonly runId?: string;
}

/** What can be stored; a stream is read once. */
export type ObjectSource = Uint8Array | string | AsyncIterable<Uint8Array>;

/** One object in a listing. */
export interface StoredObject {
  /** The argument of `open`, `read`, `size` and `remove`. */
  readonly name: string;
  readonly sha256: string;
  /** The run that it belongs to. */
  readonly runId?: string;
  readonly bytes: number;
  /** Unix time of the last `put` of this content, in milliseconds. */
  readonly storedAtMs: number;
}

/** Selects the objects of a listing. */
export interface ObjectRange {
  /** True: objects of runs, in the order of the runs' ids and so of their time. False: those that belong to no run. @default false */
  readonly ofRuns?: boolean;
  /** Only names after this one. A run's id sorts before the names of all its objects. */
  readonly after?: string;
  /** Only names before this one. */
  readonly before?: string;
  /** Objects in a page, 1 to 1,000. @default 1,000 */
  readonly most?: number;
}

export interface ObjectPage {
  readonly objects: readonly StoredObject[];
  /** Pass back as `after`; absent on the last page. A page may be empty and still have a next one. */
  readonly next?: string;
}

/**
 * The store of all services for bytes: a shared folder, or a bucket of S3. It is an abstract class, not an interface, so that it is injectable.
 *
 * Objects are named by their SHA-256, those of a run by its id and their SHA-256, and stay until they are removed. The same content in
 * two runs is two objects, so that the removal of one run cannot delete an object that the other one has just stored. Passed texts are
 * named by their sender and are removed after an hour. Each operation ends within a limited time; an unreachable store is UNAVAILABLE.
 */
export abstract class ObjectStore {
  /**
   * Stores bytes, durably before this settles. The same content twice is one object, and its `storedAtMs` is that of the last time.
   * Content that could not be stored completely leaves nothing behind.
   *
   * @throws CausewayError PAYLOAD_TOO_LARGE beyond `limitBytes`; UNAVAILABLE; any error of the source
   */
  abstract put(source: ObjectSource, options?: PutOptions): Promise<{ sha256: string; bytes: number }>;

  /**
   * The content as a stream. When the content breaks off, the stream fails; it never ends early.
   *
   * @throws CausewayError PAYLOAD_MISSING, UNAVAILABLE; so does the stream
   */
  abstract open(name: string): Promise<Readable>;

  /** Bytes of the stored content. @throws CausewayError PAYLOAD_MISSING, UNAVAILABLE */
  abstract size(name: string): Promise<number>;

  /**
   * The whole content, compared with its hash.
   *
   * @throws CausewayError PAYLOAD_MISSING when it is absent or damaged, UNAVAILABLE
   */
  abstract read(name: string): Promise<Buffer>;

  /** Removes an object that no row names any more; does nothing when it does not exist. @throws CausewayError UNAVAILABLE */
  abstract remove(name: string): Promise<void>;

  /**
   * One page of objects, in the order of their names. Objects that are stored or removed meanwhile may or may not be in it.
   *
   * @throws CausewayError UNAVAILABLE
   */
  abstract list(range?: ObjectRange): Promise<ObjectPage>;

  /** Stores a text for another process, under the given name. It need not survive a power loss. @throws CausewayError UNAVAILABLE */
  abstract leave(name: string, content: Uint8Array): Promise<void>;

  /** Reads the text that was left under a name. @throws CausewayError PAYLOAD_MISSING, UNAVAILABLE */
  abstract take(name: string): Promise<Buffer>;

  /** Removes a text that was left; does nothing when it does not exist. @throws CausewayError UNAVAILABLE */
  abstract drop(name: string): Promise<void>;

  /**
   * Stores a short content under a name of its own, durably before this settles. Nothing here removes it, and nothing reads it: it is
   * outside the database for whoever has to compare it with the database.
   *
   * @param name  `folder/…/file`
   * @throws CausewayError UNAVAILABLE
   */
  abstract keep(name: string, content: Uint8Array): Promise<void>;

  /** Removes unfinished objects of dead processes, and texts that were left for more than an hour. */
  abstract sweep(nowMs: number): Promise<void>;

  /** Closes connections. Operations under way fail. */
  abstract close(): void;
}

/** How long passed texts are kept; the process that waits for one has given up long before. */
export const PASSED_KEPT_MS = 60 * 60_000;
/** How long unfinished objects are kept; a source that sends nothing for so long has died with its process. */
export const BEGUN_KEPT_MS = 24 * 60 * 60_000;
/** Most objects in one page of a listing. */
export const MOST_LISTED = 1_000;

const OBJECT_NAME = /^(?:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.)?([0-9a-f]{64})$/;
const PASSED_NAME = /^[0-9a-f-]{36}(\.sealed)?$/;

/** The name of content, or of a run's content. */
export function objectName({ sha256, runId }: { readonly sha256: string; readonly runId?: string }): string {
  return runId === undefined ? sha256 : `${runId}.${sha256}`;
}

/** The parts of a name; undefined for a text that is not the name of an object. */
export function parseObjectName(name: string): { name: string; sha256: string; runId?: string } | undefined {
  const [, runId, sha256] = OBJECT_NAME.exec(name) ?? [];
  return sha256 === undefined ? undefined : { name, sha256, ...(runId !== undefined && { runId }) };
}

/** The folder of the objects of runs; below it are folders for about 17 minutes each. */
export const RUNS_FOLDER = 'runs';

/** The folder, below `RUNS_FOLDER`, for the objects of a run: the first 28 of the 48 bits of its id's time. */
export function runFolder(runId: string): string {
  return runId.slice(0, 7);
}

/** The path of an object below the root. It is the same in a folder and in a bucket, so that copying one to the other moves an installation. */
export function objectPath(name: string): string {
  const parts = parseObjectName(name);
  if (!parts) throw missing(name, new Error('not the name of an object'));
  if (parts.runId !== undefined) return `${RUNS_FOLDER}/${runFolder(parts.runId)}/${name}`;
  return `${name.slice(0, 2)}/${name}`;
}

/** The path of a passed text below the root. */
export function passedPath(name: string): string {
  if (!PASSED_NAME.test(name)) throw missing(name, new Error('not the name of a passed text'));
  return `passing/${name}`;
}

/** The path of a kept content below the root. @throws Error for a name that is not a path of plain names */
export function keptPath(name: string): string {
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)+$/.test(name))
    throw new Error(`${name} cannot be the name of a kept content`);
  return `kept/${name}`;
}

export function missing(name: string, cause: unknown): Error {
  return causewayError('PAYLOAD_MISSING', { sha256: name.slice(0, 64) }, { cause });
}

export function unavailableStore(cause: unknown): Error {
  return causewayError('UNAVAILABLE', { service: 'The object store', retryAfterS: 1 }, { cause });
}
