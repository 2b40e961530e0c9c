import type { Redis } from 'ioredis';

/** Key of a cached thing; organisation and team always lead. */
export function cacheKey(organisationId: string, teamId: string, kind: string, id: string): string {
  return `causeway:${organisationId}:${teamId}:${kind}:${id}`;
}

/** Redis as a cache: whatever is wrong with it is a miss. Injectable; without a Redis URL everything misses. */
export class Cache {
  /** Undefined when absent, when Redis is away, or when it does not answer within 100 ms. */
  get(_key: string): Promise<string | undefined> {
    throw new Error('not yet');
  }

  /** Settles true when Redis has it. */
  set(_key: string, _text: string, _ttlMs: number): Promise<boolean> {
    throw new Error('not yet');
  }

  delete(..._keys: string[]): Promise<void> {
    throw new Error('not yet');
  }

  /** Any other use of Redis (counters, scripts, streams) under the same rule: undefined on trouble. */
  attempt<T>(_use: (redis: Redis) => Promise<T>): Promise<T | undefined> {
    throw new Error('not yet');
  }
}
