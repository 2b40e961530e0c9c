import { testNats, testRedis, waitFor } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY, READER_KEY, startNeighbours } from './neighbours.js';
import { startGateway } from './start-gateway.js';

const nats = await testNats();
const redis = await testRedis();
const neighbours = await startNeighbours(nats.url);
const start = (more: Record<string, string>) =>
  startGateway(nats.url, { ...neighbours.environment, CAUSEWAY_RATE_WINDOW_S: '600', ...more });
const shared = {
  CAUSEWAY_REDIS_URL: redis.url,
  CAUSEWAY_RATE_LIMIT_PER_KEY: '20',
};
const [one, other, holders, strict, behind] = await Promise.all([
  start(shared),
  start(shared),
  start({ CAUSEWAY_RATE_LIMIT_PER_KEY: '20', CAUSEWAY_RATE_LIMIT_PER_USER: '25' }),
  start({ CAUSEWAY_RATE_LIMIT_REFUSED_PER_ADDRESS: '5', CAUSEWAY_RATE_LIMIT_PER_ADDRESS: '60' }),
  start({
    CAUSEWAY_RATE_LIMIT_PER_ADDRESS: '5',
    CAUSEWAY_RATE_LIMIT_PER_TEAM: '12',
    CAUSEWAY_TRUST_PROXY: '127.0.0.1',
  }),
]);
afterAll(() => Promise.all([one, other, holders, strict, behind].map((gateway) => gateway.close())));

type Gateway = typeof one;

/** A request that the gateway answers by itself. */
function check(
  { url }: Gateway,
  key: string | undefined,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/api/v1/validate/prompt`, {
    method: 'POST',
    headers: { ...(key !== undefined && { 'x-api-key': key }), ...headers },
    body: '{"template":"{a}"}',
  });
}

async function statuses(
  gateway: Gateway,
  times: number,
  ...request: [string | undefined, Record<string, string>?]
) {
  const counts: Record<number, number> = {};
  for (let n = 0; n < times; n++) {
    const { status } = await check(gateway, ...request);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

describe('the limit of a key, of its holder and of their team', () => {
  it('is told with every answer: the one that will be reached first', async () => {
    const { headers } = await check(one, KEY);
    expect(headers.get('ratelimit-policy')).toBe(
      '"address";q=240000;w=600, "key";q=20;w=600, "user";q=120000;w=600, "team";q=240000;w=600',
    );
    expect(headers.get('ratelimit')).toMatch(/^"key";r=19;t=(600|59\d)$/);
  });

  it('counts for all gateways together', async () => {
    expect(await statuses(one, 11, KEY)).toEqual({ 200: 11 });
    let allowed = 12;
    // The other one learns of these requests soon after its own first one.
    await waitFor(async () => {
      const { status } = await check(other, KEY);
      if (status === 200) allowed++;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return status === 429;
    });
    // Alone, it would have let 20 pass.
    expect(allowed).toBeGreaterThanOrEqual(20);
    expect(allowed).toBeLessThan(29);
  });

  it('refuses what is more, names the limit and its setting, and says when it ends', async () => {
    await statuses(one, 20, KEY);
    const refused = await check(one, KEY);
    expect(refused.status).toBe(429);
    const retryAfterS = Number(refused.headers.get('retry-after'));
    expect(retryAfterS).toBeGreaterThan(500);
    expect(await refused.json()).toMatchObject({
      code: 'RATE_LIMITED',
      detail: `This key sent more than 20 requests in 600 s, the limit CAUSEWAY_RATE_LIMIT_PER_KEY. Try again in ${retryAfterS} s.`,
    });
    expect(refused.headers.get('ratelimit')).toBe(`"key";r=0;t=${retryAfterS}`);
    expect(refused.headers.get('ratelimit-policy')).toBe('"key";q=20;w=600');
  });

  it('is that of the holder for several keys', async () => {
    expect(await statuses(holders, 21, KEY)).toEqual({ 200: 20, 429: 1 });
    expect(await statuses(holders, 6, READER_KEY)).toEqual({ 200: 5, 429: 1 });
    const body = (await (await check(holders, READER_KEY)).json()) as { detail: string };
    expect(body.detail).toMatch(
      /^The holder of this key sent more than 25 requests .*CAUSEWAY_RATE_LIMIT_PER_USER/,
    );
  });

  it('goes on in memory when Redis is gone, and nothing waits for it', async () => {
    await redis.stop();
    const times: number[] = [];
    for (let n = 0; n < 30; n++) {
      const startedMs = performance.now();
      expect((await check(one, KEY)).status).toBe(429);
      expect((await fetch(`${other.url}/api/v1/version`)).status).toBe(200);
      times.push(performance.now() - startedMs);
    }
    expect(Math.min(...times)).toBeLessThan(50);
    await redis.start();
  });
});

describe('requests without a valid key', () => {
  it('have a stricter limit for each address, which does not refuse a valid key', async () => {
    expect(await statuses(strict, 7, undefined)).toEqual({ 403: 5, 429: 2 });
    const refused = await fetch(`${strict.url}/nothing`);
    expect([refused.status, refused.headers.get('ratelimit-policy')]).toEqual([429, '"refused";q=5;w=600']);
    expect(await refused.json()).toMatchObject({
      code: 'RATE_LIMITED',
      detail: expect.stringMatching(
        /^This address sent more than 5 requests without a valid key .*_REFUSED_PER_ADDRESS/,
      ),
    });
    expect(await statuses(strict, 3, KEY)).toEqual({ 200: 3 });
  });

  it('count with all others of the address', async () => {
    const counts = await statuses(strict, 60, KEY);
    expect(counts[429]).toBeGreaterThanOrEqual(10);
    const body = (await (await check(strict, KEY)).json()) as { detail: string };
    expect(body.detail).toMatch(/^This address sent more than 60 requests .*CAUSEWAY_RATE_LIMIT_PER_ADDRESS/);
  });
});

describe('N14: a forwarded address', () => {
  const from = (address: string): [string, Record<string, string>] => [KEY, { 'x-forwarded-for': address }];

  it('has a limit of its own when a trusted proxy reports it', async () => {
    expect(await statuses(behind, 6, ...from('198.51.100.1'))).toEqual({ 200: 5, 429: 1 });
    expect(await statuses(behind, 1, ...from('198.51.100.2'))).toEqual({ 200: 1 });
    // What a caller adds in front of the address that the proxy saw changes nothing.
    expect(await statuses(behind, 1, ...from('203.0.113.9, 198.51.100.1'))).toEqual({ 429: 1 });
    // A whole network of IPv6 is one caller.
    for (let n = 1; n <= 5; n++) await check(behind, ...from(`2001:db8:0:1::${n}`));
    expect(await statuses(behind, 1, ...from('2001:db8:0:1:ffff::6'))).toEqual({ 429: 1 });
  });

  it('does not get round the limit of its team', async () => {
    expect(await statuses(behind, 1, ...from('198.51.100.3'))).toEqual({ 200: 1 });
    const refused = await check(behind, ...from('198.51.100.4'));
    expect(await refused.json()).toMatchObject({
      detail: expect.stringMatching(/^This team sent more than 12 requests .*CAUSEWAY_RATE_LIMIT_PER_TEAM/),
    });
  });

  it('changes nothing when nobody trusts who reports it', async () => {
    for (let n = 0; n < 5; n++)
      await check(strict, undefined, {
        'x-forwarded-for': `198.51.100.${n}`,
        forwarded: `for=198.51.100.${n}`,
      });
    const refused = await check(strict, undefined, {
      'x-forwarded-for': '198.51.100.77',
      'x-real-ip': '198.51.100.77',
    });
    expect(refused.status).toBe(429);
  });
});
