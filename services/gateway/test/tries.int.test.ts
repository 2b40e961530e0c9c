import { routes } from '@causeway/contracts';
import { testNats } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { PAGE, startNeighbours } from './neighbours.js';
import { startGateway } from './start-gateway.js';

const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
const gateway = await startGateway(nats.url, {
  ...neighbours.environment,
  CAUSEWAY_TRUST_PROXY: '127.0.0.1',
  CAUSEWAY_RATE_LIMIT_REFUSED_PER_ADDRESS: '0',
});
afterAll(() => gateway.close());

/** What one address may try at once, and how many tries come back each second. */
const AT_ONCE = 20;
const SIGN_INS_AT_ONCE = 100;
const LOGOUTS_AT_ONCE = 1_000;
const PER_SECOND = 2;
const OF_KEYS = /^(KEY_INVALID|SESSION_ENDED|TOKEN_INVALID|SCIM_TOKEN_INVALID|WEBHOOK_UNKNOWN)$/;
const UUID = '00000000-0000-4000-8000-00000000abcd';
const port = new URL(gateway.url).port;
let addresses = 0;
let made = 0;

/** A network of its own, and the place of each of its hosts. */
function network(): (n: number) => string {
  const at = (addresses++).toString(16);
  return (n) => `2001:db8:0:${at}::${n.toString(16)}`;
}

async function send(path: string, from: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string>), 'x-forwarded-for': from };
  const response = await fetch(gateway.url + path, { redirect: 'manual', ...init, headers });
  await response.text();
  return response;
}

/** With which codes the questions are refused that `flood` causes, and how many tries come back meanwhile. */
async function refusedBy(flood: () => Promise<unknown>): Promise<{ refused: string[]; back: number }> {
  const [before, sinceMs] = [neighbours.refused.length, performance.now()];
  await flood();
  const back = Math.ceil(((performance.now() - sinceMs) / 1_000) * PER_SECOND);
  return { refused: neighbours.refused.slice(before), back };
}

const form = (fields: Record<string, string>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
  body: new URLSearchParams(fields).toString(),
});
const headers = (given: Record<string, string>): RequestInit => ({ headers: given });
const SESSION = `causeway-${port}`;

/** Everything that a stranger can present, each time another one; and how many may be tried at once. */
const presented: [string, (n: number) => [path: string, init: RequestInit], atOnce?: number][] = [
  ['a key', (n) => ['/api/v1/flows', headers({ 'x-api-key': `sk-${n}` })]],
  ['a key to who is signed in', (n) => ['/api/v1/session', headers({ 'x-api-key': `sk-${n}` })]],
  ['an access token', (n) => ['/api/v1/flows', headers({ authorization: `Bearer ct-${n}` })]],
  ['the token of a session', (n) => ['/api/v1/flows', headers({ authorization: `Bearer cs-${n}` })]],
  ['a cookie', (n) => ['/account', headers({ cookie: `${SESSION}=cs-${n}` })]],
  ['a cookie at the first page', (n) => ['/', headers({ cookie: `${SESSION}=cs-${n}` })]],
  ['a cookie at the reference', (n) => ['/docs', headers({ cookie: `${SESSION}=cs-${n}` })]],
  ['a SCIM token', (n) => ['/scim/v2/Users', headers({ authorization: `Bearer cm-${n}` })]],
  [
    'the address of a webhook',
    (n) => [`/api/platform/v1/hooks/cw-hook-${n}`, { method: 'POST', body: '{}' }],
  ],
  ['a password', (n) => ['/password', form({ login: `somebody-${n}`, password: 'x' })], SIGN_INS_AT_ONCE],
  [
    'a password as in Langflow',
    (n) => ['/api/v1/login', form({ username: `somebody-${n}`, password: 'x' })],
    SIGN_INS_AT_ONCE,
  ],
  ['an invitation', (n) => [`/invitation?token=ci-${n}`, {}], SIGN_INS_AT_ONCE],
  [
    'an invitation with a password',
    (n) => ['/invitation', form({ token: `ci-${n}`, login: 'somebody', password: 'a long password' })],
    SIGN_INS_AT_ONCE,
  ],
  [
    'a ticket',
    (n) => ['/sign-in/idp/callback', headers({ cookie: `${SESSION}-sign-in=ticket-${n}` })],
    SIGN_INS_AT_ONCE,
  ],
  [
    'a ticket with an answer of SAML',
    (n) => {
      const answer = form({ SAMLResponse: 'PHg+' });
      return [
        '/sign-in/idp/finish',
        { ...answer, headers: { ...answer.headers, cookie: `${SESSION}-sign-in=ticket-${n}` } },
      ];
    },
    SIGN_INS_AT_ONCE,
  ],
  [
    'a logout token',
    (n) => ['/sign-in/idp/back-channel-logout', form({ logout_token: `a.b.${n}` })],
    LOGOUTS_AT_ONCE,
  ],
  [
    'an origin',
    (n) => [
      '/api/v1/run/x',
      {
        method: 'OPTIONS',
        headers: { origin: `https://page-${n}.example`, 'access-control-request-method': 'POST' },
      },
    ],
  ],
];

describe('N47: what a stranger presents', () => {
  it.each(presented)(
    'asks for %s only as often as the network of its address may try',
    async (name, make, atOnce = AT_ONCE) => {
      const from = network();
      const statuses: number[] = [];
      const { refused, back } = await refusedBy(() =>
        Promise.all(
          Array.from({ length: 2 * atOnce }, async (_none, n) => {
            const [path, init] = make(++made);
            statuses.push((await send(path, from(n), init)).status);
          }),
        ),
      );
      // Otherwise the request would be refused for another reason, and this would show nothing.
      expect(refused.length).toBeGreaterThanOrEqual(atOnce);
      expect(refused.length).toBeLessThanOrEqual(atOnce + back);
      if (name !== 'an origin') expect(new Set(statuses)).toContain(429);
      // Another network has tries of its own.
      const [path, init] = make(++made);
      expect((await send(path, network()(0), init)).status).not.toBe(429);
    },
  );

  it('to any route, in any way, asks no more often than that', async () => {
    const from = network();
    const ways = [
      (n: number) => ({ 'x-api-key': `sk-any-${n}` }),
      (n: number) => ({ authorization: `Bearer ct-any-${n}` }),
      (n: number) => ({ authorization: `Bearer cs-any-${n}` }),
      (n: number) => ({ authorization: `Bearer cm-any-${n}` }),
      (n: number) => ({
        cookie: `${SESSION}=cs-any-${n}; ${SESSION}-sign-in=ticket-${n}`,
        'sec-fetch-site': 'same-origin',
      }),
    ];
    const before = made;
    const { refused, back } = await refusedBy(async () => {
      for (const { method, path } of routes)
        await Promise.all(
          ways.map((way) =>
            send(path.replace(/\{\w+\}/g, UUID), from(++made), {
              method,
              headers: way(made),
              signal: AbortSignal.timeout(10_000),
            }),
          ),
        );
    });
    expect(made - before).toBeGreaterThan(500);
    const ofKeys = refused.filter((code) => OF_KEYS.test(code));
    expect(ofKeys.length).toBeGreaterThanOrEqual(AT_ONCE);
    expect(ofKeys.length).toBeLessThanOrEqual(AT_ONCE + back);
    // What else is refused are the few routes where one signs in.
    expect(refused.length - ofKeys.length).toBeLessThan(50);
  });
});

describe('a page that a key lists', () => {
  const preflight = async (origin: string, from: string): Promise<string | null> => {
    const asking = { origin, 'access-control-request-method': 'POST' };
    const { headers: answer } = await send('/api/v1/run/x', from, { method: 'OPTIONS', headers: asking });
    return answer.get('access-control-allow-origin');
  };

  it('goes on while its own network sends made-up origins by the hundred', async () => {
    const from = network();
    expect(await preflight(PAGE, from(0))).toBe(PAGE);
    const flood = Array.from({ length: 300 }, (_none, n) => preflight(`https://more-${n}.example`, from(n)));
    expect(new Set(await Promise.all(flood))).toEqual(new Set([null]));
    expect(await preflight(PAGE, from(0))).toBe(PAGE);
  });

  it('is asked about only as what it is', async () => {
    const from = network();
    for (const origin of ['null', `${PAGE}/`, PAGE.toUpperCase(), 'x'.repeat(1_000)])
      expect(await preflight(origin, from(0))).toBeNull();
    expect(neighbours.originsAsked.filter((origin) => !/^https:\/\/[a-z0-9.-]+$/.test(origin))).toEqual([]);
  });
});
