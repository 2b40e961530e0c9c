import type { Redis } from 'ioredis';
import { log } from '../logging/log.js';
import { SharedCounters } from './shared-counters.js';

/** The key of a cached value; it always begins with organisation and team. */
export function cacheKey(organisationId: string, teamId: string, kind: string, id: string): string {
  return `causeway:${organisationId}:${teamId}:${kind}:${id}`;
}

const ANSWER_MS = 100;

/** Redis as a cache: every failure counts as a miss, and every key expires. Injectable; without a Redis URL every read is a miss. */
export class Cache {
  readonly #redis: Redis | undefined;
  #isDown = false;

  /** @internal */
  constructor(redis: Redis | undefined) {
    this.#redis = redis;
    redis?.on('error', (error: unknown) => {
      if (!this.#isDown) log.warn({ error }, 'redis unreachable');
      this.#isDown = true;
    });
    redis?.on('ready', () => {
      if (this.#isDown) log.info({}, 'redis reachable again');
      this.#isDown = false;
    });
  }

  /** Undefined when absent, when Redis is unreachable, or when it does not answer within 100 ms. */
  async get(key: string): Promise<string | undefined> {
    return (await this.#attempt((redis) => redis.get(key))) ?? undefined;
  }

  /** Stores a text for `ttlMs` milliseconds. Settles with true when Redis has stored it. */
  async set(key: string, text: string, ttlMs: number): Promise<boolean> {
    return (
      (await this.#attempt((redis) => redis.set(key, text, 'PX', Math.max(1, Math.ceil(ttlMs))))) === 'OK'
    );
  }

  /** Deletes keys. Settles with true when Redis has done it; after false the old values may stay until they expire. */
  async delete(...keys: string[]): Promise<boolean> {
    return keys.length === 0 || (await this.#attempt((redis) => redis.del(...keys))) !== undefined;
  }

  /** Counters that all processes share; see `SharedCounters`. @param windowS after so many seconds a counter begins again at 0 */
  counters(name: string, windowS: number): SharedCounters {
    return new SharedCounters(this.#redis, name, windowS);
  }

  close(): void {
    this.#redis?.disconnect();
  }

  /** Undefined after a failure. It is private so that only `set` and `counters` write, which give every key an expiry. */
  async #attempt<T>(use: (redis: Redis) => Promise<T>): Promise<T | undefined> {
    if (this.#redis?.status !== 'ready') return undefined;
    try {
      return await use(this.#redis);
    } catch (error) {
      log.debug({ error }, 'cache failed');
      return undefined;
    }
  }
}

/** A cache outside of `runService`. Connects in the background; loads the client only when there is a URL. */
export async function openCache(url: string | undefined, service: string): Promise<Cache> {
  if (url === undefined) return new Cache(undefined);
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, {
    connectionName: service,
    connectTimeout: 1_000,
    commandTimeout: ANSWER_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 2_000),
  });
  return new Cache(redis);
}
