import type { Principal } from '@causeway/contracts';
import { openCache } from '@causeway/platform';
import { expect, test } from 'vitest';
import { RateLimits } from './rate-limits.js';

const cache = await openCache(undefined, 'test');
const none = {
  rateWindowS: 60,
  rateLimitPerAddress: 0,
  rateLimitPerKey: 0,
  rateLimitPerUser: 0,
  rateLimitPerTeam: 0,
  rateLimitPerHook: 0,
  rateLimitRefusedPerAddress: 0,
};
const tenant = {
  organisationId: '00000000-0000-4000-8000-000000000001',
  teamId: '00000000-0000-4000-8000-000000000002',
};
const caller = (over: Partial<Principal> = {}): Principal => ({
  kind: 'user',
  id: 'u1',
  name: 'Ada',
  ...tenant,
  permissions: [],
  ...over,
});
const hook = (id: string): Principal => caller({ kind: 'webhook', id });

test('a webhook has a limit of its own, beside that of its team', () => {
  const limits = new RateLimits(cache, {
    ...none,
    rateLimitPerHook: 2,
    rateLimitPerUser: 1,
    rateLimitPerTeam: 5,
  });
  const [h1, h2, h3] = [hook('h1'), hook('h2'), hook('h3')];
  for (const principal of [h1, h1, h2, h2]) limits.takeCaller(principal, undefined, 0);
  expect(() => limits.takeCaller(h1, undefined, 0)).toThrow(
    /^This webhook sent more than 2 requests in 60 s, the limit CAUSEWAY_RATE_LIMIT_PER_HOOK\./,
  );
  limits.takeCaller(h3, undefined, 0);
  expect(() => limits.takeCaller(h3, undefined, 0)).toThrow(/^This team sent more than 5 requests/);
  expect(limits.takeCaller(h1, undefined, 60_000)).toMatchObject({ ratelimit: '"hook";r=1;t=60' });
});

test('a SCIM token counts as a key, its connection as a holder, and no team pays for them', () => {
  const limits = new RateLimits(cache, {
    ...none,
    rateLimitPerKey: 2,
    rateLimitPerUser: 3,
    rateLimitPerTeam: 1,
  });
  const scim = (tokenId: string): Principal => caller({ kind: 'scim', id: 'c1', tokenId });
  for (const tokenId of ['t1', 't1', 't2']) limits.takeCaller(scim(tokenId), undefined, 0);
  expect(() => limits.takeCaller(scim('t1'), undefined, 0)).toThrow(/^This key sent more than 2 requests/);
  expect(() => limits.takeCaller(scim('t2'), undefined, 0)).toThrow(
    /^The holder of this key sent more than 3/,
  );
  limits.takeCaller(caller(), undefined, 0);
});

test('a request that one limit refuses counts in no other', () => {
  const limits = new RateLimits(cache, { ...none, rateLimitPerUser: 1, rateLimitPerTeam: 3 });
  limits.takeCaller(caller(), undefined, 0);
  for (let n = 0; n < 10; n++) expect(() => limits.takeCaller(caller(), undefined, 0)).toThrow(/holder/);
  limits.takeCaller(caller({ id: 'u2' }), undefined, 0);
  limits.takeCaller(caller({ id: 'u3' }), undefined, 0);
  expect(() => limits.takeCaller(caller({ id: 'u4' }), undefined, 0)).toThrow(/team/);
});

test('without limits nothing is counted and nothing is told', () => {
  const limits = new RateLimits(cache, none);
  for (let n = 0; n < 100; n++) {
    expect(limits.takeAddress('192.0.2.1', 0)).toBeUndefined();
    limits.takeRefused('192.0.2.1', 0);
    expect(limits.takeCaller(caller(), undefined, 0)).toBeUndefined();
  }
});
