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

test('counters are shared, expire with their window, and are not confirmed while Redis is unreachable', async () => {
  const counters = cache.counters('test', 2);
  const twin = (await openCache(redis.url, 'twin')).counters('test', 2);
  await waitFor(() => counters.isReady && twin.isReady);
  expect(await counters.add([{ key: 'a', points: 3 }])).toMatchObject([{ count: 3 }]);
  const [a, b] = await twin.add([
    { key: 'a', points: 2 },
    { key: 'b', points: 1 },
  ]);
  expect([a?.count, b?.count]).toEqual([5, 1]);
  expect(a?.resetsInMs).toBeLessThanOrEqual(2_000);
  const client = new Redis(redis.url);
  expect(await client.pttl('causeway:count:test:a')).toBeGreaterThan(0);
  await waitFor(async () => (await client.exists('causeway:count:test:a')) === 0);
  client.disconnect();
  await redis.stop();
  await waitFor(() => !counters.isReady);
  expect(await counters.add([{ key: 'a', points: 1 }])).toEqual([undefined]);
  await redis.start();
  await waitFor(() => counters.isReady);
});
