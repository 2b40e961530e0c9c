import { Redis } from 'ioredis';

/** A key of Redis, and everything that it holds. */
export interface RedisEntry {
  readonly key: string;
  readonly content: Buffer;
}

/** Reads every key of a Redis server. A dump would not do: Redis compresses what it dumps. */
export async function* readRedis(url: string): AsyncGenerator<RedisEntry> {
  const redis = new Redis(url);
  try {
    for await (const keys of redis.scanStream({ count: 500 }) as AsyncIterable<string[]>)
      for (const key of keys) yield { key, content: join(await contentOf(redis, key)) };
  } finally {
    redis.disconnect();
  }
}

/** @throws Error for a type that nobody uses here yet */
async function contentOf(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    // It has expired meanwhile.
    case 'none':
      return [];
    case 'string':
      return redis.getBuffer(key);
    case 'hash':
      return Object.entries(await redis.hgetallBuffer(key));
    case 'list':
      return redis.lrangeBuffer(key, 0, -1);
    case 'set':
      return redis.smembersBuffer(key);
    case 'zset':
      return redis.zrangeBuffer(key, '0', '-1');
    case 'stream':
      return redis.xrangeBuffer(key, '-', '+');
    default:
      throw new Error(`Redis has a ${type}, which this check cannot read`);
  }
}

/** The texts and bytes of an answer of Redis, however deep they are in it. */
function join(answer: unknown): Buffer {
  if (Buffer.isBuffer(answer)) return answer;
  if (Array.isArray(answer)) return Buffer.concat(answer.flatMap((one) => [join(one), Buffer.from('\n')]));
  return Buffer.from(answer === null || answer === undefined ? '' : String(answer));
}
