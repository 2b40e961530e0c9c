import type { Redis } from 'ioredis';
import type { RateLimiterRedis } from 'rate-limiter-flexible';
import { log } from '../logging/log.js';

/** A counter as all processes together have made it. */
export interface SharedCount {
  readonly count: number;
  /** When it begins again at 0. */
  readonly resetsInMs: number;
}

/**
 * Counters in Redis that several processes add to. Each begins again at 0 when its window is over, which begins with the first number added,
 * so no counter stays in Redis for longer than its window. Made by `Cache.counters`.
 */
export class SharedCounters {
  #limiter: RateLimiterRedis | undefined;

  /** @internal */
  constructor(
    private readonly redis: Redis | undefined,
    private readonly name: string,
    private readonly windowS: number,
  ) {}

  /** Whether Redis can be asked now. */
  get isReady(): boolean {
    return this.redis?.status === 'ready';
  }

  /**
   * Adds to counters, all of them in one piece on the way to Redis.
   *
   * @returns each counter after that; undefined where Redis did not confirm, and may or may not have counted
   */
  async add(counts: readonly { key: string; points: number }[]): Promise<(SharedCount | undefined)[]> {
    const limiter = (this.#limiter ??= await this.#open());
    if (!limiter) return counts.map(() => undefined);
    return Promise.all(
      counts.map(async ({ key, points }) => {
        try {
          // Not `consume`, which refuses: whoever counts decides.
          const { consumedPoints, msBeforeNext } = await limiter.penalty(key, points);
          return { count: consumedPoints, resetsInMs: msBeforeNext };
        } catch (error) {
          log.debug({ error }, 'counter failed');
          return undefined;
        }
      }),
    );
  }

  async #open(): Promise<RateLimiterRedis | undefined> {
    if (!this.redis) return undefined;
    const { RateLimiterRedis } = await import('rate-limiter-flexible');
    return new RateLimiterRedis({
      storeClient: this.redis,
      keyPrefix: `causeway:count:${this.name}`,
      points: Number.MAX_SAFE_INTEGER,
      duration: this.windowS,
      rejectIfRedisNotReady: true,
    });
  }
}
