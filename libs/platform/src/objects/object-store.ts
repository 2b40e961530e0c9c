import type { Readable } from 'node:stream';
import { causewayError } from '@causeway/contracts';

export interface PutOptions {
  /** @default no limit */
  readonly limitBytes?: number;
  /** Name of the limit, for the error. */
  readonly limitName?: string;
  /** What is stored, for the error. @default 'The content' */
  readonly what?: string;
}

/** What can be stored; a stream is read once. */
export type ObjectSource = Uint8Array | string | AsyncIterable<Uint8Array>;

/** One object as a listing tells it. */
export interface StoredObject {
  readonly sha256: string;
  readonly bytes: number;
  /** Unix time of the last `put` of this content, in milliseconds. */
  readonly storedAtMs: number;
}

export interface ObjectPage {
  readonly objects: readonly StoredObject[];
  /** Pass back as `after`; absent on the last page. A page may be empty and still have a next one. */
  readonly next?: string;
}

/**
 * Where all services keep bytes: a folder that they share, or a bucket of S3. Injectable, which is why it is a class without content.
 *
 * Objects are named by their SHA-256 and stay until they are removed. Passed texts are named by whoever leaves them and are swept away after
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
  abstract open(sha256: string): Promise<Readable>;

  /** Bytes of the stored content. @throws CausewayError PAYLOAD_MISSING, UNAVAILABLE */
  abstract size(sha256: string): Promise<number>;

  /**
   * The whole content, compared with its hash.
   *
   * @throws CausewayError PAYLOAD_MISSING when it is absent or damaged, UNAVAILABLE
   */
  abstract read(sha256: string): Promise<Buffer>;

  /** Removes what nobody names any more; nothing when it is gone already. @throws CausewayError UNAVAILABLE */
  abstract remove(sha256: string): Promise<void>;

  /**
   * One page of all objects, in the order of their names. What is stored or removed meanwhile may be in it or not.
   *
   * @param page.most  objects in a page, 1 to 1,000 @default 1,000
   * @throws CausewayError UNAVAILABLE
   */
  abstract list(page?: { readonly after?: string; readonly most?: number }): Promise<ObjectPage>;

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

const SHA256 = /^[0-9a-f]{64}$/;
const PASSED_NAME = /^[0-9a-f-]{36}(\.sealed)?$/;

export function isObjectName(text: string): boolean {
  return SHA256.test(text);
}

/** Where an object is below the root, in a folder as in a bucket: copying one to the other moves an installation. */
export function objectPath(sha256: string): string {
  if (!isObjectName(sha256)) throw missing(sha256, new Error('not a SHA-256 in hex'));
  return `${sha256.slice(0, 2)}/${sha256}`;
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
