import type { Readable } from 'node:stream';
import { causewayError } from '@causeway/contracts';

export interface PutOptions {
  /** @default no limit */
  readonly limitBytes?: number;
  /** Name of the limit, for the error. */
  readonly limitName?: string;
  /** What is stored, for the error. @default 'The content' */
  readonly what?: string;
  /** The run that the object belongs to, a UUIDv7: it has a name of its own then, and leaves with its run. */
  readonly runId?: string;
}

/** What can be stored; a stream is read once. */
export type ObjectSource = Uint8Array | string | AsyncIterable<Uint8Array>;

/** One object as a listing tells it. */
export interface StoredObject {
  /** What `open`, `read`, `size` and `remove` take. */
  readonly name: string;
  readonly sha256: string;
  /** The run that it belongs to. */
  readonly runId?: string;
  readonly bytes: number;
  /** Unix time of the last `put` of this content, in milliseconds. */
  readonly storedAtMs: number;
}

/** Which objects a listing tells. */
export interface ObjectRange {
  /** Objects of runs, in the order of the runs' ids and so of their time; else those that belong to no run. @default false */
  readonly ofRuns?: boolean;
  /** Names above this one. A run's id stands below the names of all its objects. */
  readonly after?: string;
  /** Names below this one. */
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
 * Where all services keep bytes: a folder that they share, or a bucket of S3. Injectable, which is why it is a class without content.
 *
 * Objects are named by their SHA-256, those of a run by its id and their SHA-256, and stay until they are removed. The same content in
 * two runs is two objects, so that no removal can meet a `put` of the other. Passed texts are named by whoever leaves them and are swept away after
 * an hour. Each operation ends within a bound of time; a store that cannot be reached is UNAVAILABLE.
 */
export abstract class ObjectStore {
  /**
   * Stores bytes, durably before this settles. The same content twice is one object, and its `storedAtMs` is that of the last time.
   * What could not be stored entirely leaves nothing behind.
   *
   * @throws CausewayError PAYLOAD_TOO_LARGE beyond `limitBytes`; UNAVAILABLE; whatever the source throws
   */
  abstract put(source: ObjectSource, options?: PutOptions): Promise<{ sha256: string; bytes: number }>;

  /**
   * The content as a stream. One that breaks off fails the stream; it never ends early.
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

  /** Removes what nobody names any more; nothing when it is gone already. @throws CausewayError UNAVAILABLE */
  abstract remove(name: string): Promise<void>;

  /**
   * One page of objects, in the order of their names. What is stored or removed meanwhile may be in it or not.
   *
   * @throws CausewayError UNAVAILABLE
   */
  abstract list(range?: ObjectRange): Promise<ObjectPage>;

  /** Leaves a text for another process, under a name of its own. Need not survive a power loss. @throws CausewayError UNAVAILABLE */
  abstract leave(name: string, content: Uint8Array): Promise<void>;

  /** What was left under a name. @throws CausewayError PAYLOAD_MISSING, UNAVAILABLE */
  abstract take(name: string): Promise<Buffer>;

  /** Removes what was left; nothing when it is gone already. @throws CausewayError UNAVAILABLE */
  abstract drop(name: string): Promise<void>;

  /** Removes what processes that died had begun to store, and what was left and not taken for an hour. */
  abstract sweep(nowMs: number): Promise<void>;

  /** Closes connections. What still runs fails. */
  abstract close(): void;
}

/** Whoever waited for a passed text has given up long before. */
export const PASSED_KEPT_MS = 60 * 60_000;
/** A source that gives nothing for so long has died with its process. */
export const BEGUN_KEPT_MS = 24 * 60 * 60_000;
/** Objects in one page of a listing. */
export const MOST_LISTED = 1_000;

const OBJECT_NAME = /^(?:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.)?([0-9a-f]{64})$/;
const PASSED_NAME = /^[0-9a-f-]{36}(\.sealed)?$/;

/** The name of content, or of a run's content. */
export function objectName({ sha256, runId }: { readonly sha256: string; readonly runId?: string }): string {
  return runId === undefined ? sha256 : `${runId}.${sha256}`;
}

/** The parts of a name; undefined for what is none. */
export function parseObjectName(name: string): { name: string; sha256: string; runId?: string } | undefined {
  const [, runId, sha256] = OBJECT_NAME.exec(name) ?? [];
  return sha256 === undefined ? undefined : { name, sha256, ...(runId !== undefined && { runId }) };
}

/** Below it the objects of runs lie, in folders of some 17 minutes each. */
export const RUNS_FOLDER = 'runs';

/** The folder, below that of runs, for the objects of a run: the first 28 of the 48 bits of its id's time. */
export function runFolder(runId: string): string {
  return runId.slice(0, 7);
}

/** Where an object is below the root, in a folder as in a bucket: copying one to the other moves an installation. */
export function objectPath(name: string): string {
  const parts = parseObjectName(name);
  if (!parts) throw missing(name, new Error('not the name of an object'));
  if (parts.runId !== undefined) return `${RUNS_FOLDER}/${runFolder(parts.runId)}/${name}`;
  return `${name.slice(0, 2)}/${name}`;
}

/** Where a passed text is below the root. */
export function passedPath(name: string): string {
  if (!PASSED_NAME.test(name)) throw missing(name, new Error('not the name of a passed text'));
  return `passing/${name}`;
}

export function missing(name: string, cause: unknown): Error {
  return causewayError('PAYLOAD_MISSING', { sha256: name.slice(0, 64) }, { cause });
}

export function unavailableStore(cause: unknown): Error {
  return causewayError('UNAVAILABLE', { service: 'The object store', retryAfterS: 1 }, { cause });
}
