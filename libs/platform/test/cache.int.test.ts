import { testRedis, waitFor } from '@causeway/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cache, cacheKey, openCache } from '#platform';

const redis = await testRedis();
const key = cacheKey('o', 't', 'plan', 'h');
let cache: Cache;

beforeAll(async () => {
  cache = await openCache(redis.url, 'test');
  await waitFor(() => cache.set(key, 'x', 1));
});
afterAll(() => cache.close());

test('a text is kept for its time', async () => {
  expect(key).toBe('causeway:o:t:plan:h');
  expect(await cache.set(key, '{"a":"é"}', 60_000)).toBe(true);
  expect(await cache.get(key)).toBe('{"a":"é"}');
  expect(await cache.delete(key)).toBe(true);
  expect(await cache.get(key)).toBeUndefined();
  await cache.set(key, 'short', 20);
  await waitFor(async () => (await cache.get(key)) === undefined);
});

test('while Redis is unreachable every read is a miss at once, and afterwards a hit again', async () => {
  await cache.set(key, 'kept', 60_000);
  await redis.stop();
  const times: number[] = [];
  for (let n = 0; n < 5; n++) {
    const startedMs = performance.now();
    expect(await cache.get(key)).toBeUndefined();
    expect(await cache.set(key, 'x', 1_000)).toBe(false);
    expect(await cache.delete(key)).toBe(false);
    times.push(performance.now() - startedMs);
  }
  // The shortest: on a busy machine any of them may have waited for the processor.
  expect(Math.min(...times)).toBeLessThan(500);
  await redis.start();
  await waitFor(() => cache.set(key, 'again', 60_000));
  expect(await cache.get(key)).toBe('again');
});

test('a command that Redis refuses is a miss', async () => {
  const client = new Redis(redis.url);
  await client.del(key);
  await client.lpush(key, 'no text');
  client.disconnect();
  expect(await cache.get(key)).toBeUndefined();
});

test('without an address every read is a miss', async () => {
  const none = await openCache(undefined, 'test');
  expect(await none.set(key, 'x', 1_000)).toBe(false);
  expect(await none.get(key)).toBeUndefined();
  none.close();
});
