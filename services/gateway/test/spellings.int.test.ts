import { routes } from '@causeway/contracts';
import { testNats } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY, READER_KEY, startNeighbours } from './neighbours.js';
import { sendLine, sendRaw } from './raw-request.js';
import { startGateway } from './start-gateway.js';

const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
// A test sends more requests without a key in a minute than anybody may.
const gateway = await startGateway(nats.url, {
  ...neighbours.environment,
  CAUSEWAY_RATE_LIMIT_REFUSED_PER_ADDRESS: '0',
});
afterAll(() => gateway.close());

const uuid = '00000000-0000-4000-8000-00000000abcd';
const guarded = routes
  .filter(({ permission }) => permission !== 'public')
  .map(({ method, path, isPage }) => ({ method, isPage, path: path.replace(/\{\w+\}/g, uuid) }));
const publicPaths = routes
  // Below some pages there are others.
  .filter(({ method, permission, isPage }) => method === 'GET' && permission === 'public' && !isPage)
  .map(({ path }) => path);
/** The codes of requests that no handler has seen. */
const REFUSED = /^(KEY_MISSING|SCIM_TOKEN_NEEDED|PERMISSION_DENIED|ROUTE_UNKNOWN|REQUEST_INVALID)$/;

/** Other ways to write a path, which another server could take for the plain one. */
function spellingsOf(path: string): string[] {
  const [, first = '', ...rest] = path.split('/');
  const after = rest.join('/');
  const encoded = `%${path.charCodeAt(path.length - 1).toString(16)}`;
  return [
    path.toUpperCase(),
    `/${path}`,
    `/${first}//${after}`,
    `/./${first}/${after}`,
    `/x/..${path}`,
    `/${first}%2f${after}`,
    `/${first}%252f${after}`,
    `/${first};x=1/${after}`,
    `${path.slice(0, -1)}${encoded}`,
    `${path}/`,
    `${path}//`,
    `${path}.`,
    `${path}/.`,
    `${path};x`,
    `${path}%20`,
    `${path}%00`,
    `${path}%2f`,
    `${path}%3f`,
    `${path}\\`,
    `${path}/../${after}`,
    `${path}.json`,
    `http://other.test${path}`,
  ];
}

describe('N45: another spelling of a route that needs a key', () => {
  it.each(guarded.map((one) => [`${one.method} ${one.path}`, one] as const))(
    '%s never gets past the door without one',
    async (_name, { method, path, isPage }) => {
      for (const spelling of spellingsOf(path)) {
        const answer = await sendLine(gateway.url, `${method} ${spelling}`);
        // A page leads to where one can sign in.
        if (isPage && answer.status === 303) {
          expect(answer.headers['location']).toMatch(/^\/sign-in\?to=/);
          continue;
        }
        expect({ spelling, code: answer.json.code }).toEqual({
          spelling,
          code: expect.stringMatching(REFUSED),
        });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expect(answer.json.request_id).toBe(answer.headers['x-request-id']);
      }
    },
  );

  it('is refused as the plain one to a key that lacks the permission', async () => {
    const key = [`x-api-key: ${READER_KEY}`];
    const plain = await sendLine(gateway.url, 'GET /api/v1/variables', key);
    expect(plain.json.code).toBe('PERMISSION_DENIED');
    for (const spelling of spellingsOf('/api/v1/variables'))
      expect({ spelling, code: (await sendLine(gateway.url, `GET ${spelling}`, key)).json.code }).toEqual({
        spelling,
        code: expect.stringMatching(REFUSED),
      });
    // The same path with a key that may: the request gets as far as the service behind, which is not there.
    const allowed = await sendLine(gateway.url, 'GET /api/v1/variables', [`x-api-key: ${KEY}`]);
    expect([allowed.status, allowed.json.code]).toEqual([503, 'UNAVAILABLE']);
  });

  it('as a whole address is the same request, refused in the same shape', async () => {
    const [plain, whole] = await Promise.all([
      sendLine(gateway.url, 'GET /api/v1/flows?a=b'),
      sendLine(gateway.url, 'GET HTTP://other.test:1/api/v1/flows?a=b'),
    ]);
    expect(whole.json).toEqual({ ...plain.json, request_id: whole.headers['x-request-id'] });
    expect((await sendLine(gateway.url, 'GET http://other.test/health')).status).toBe(200);
    expect((await sendLine(gateway.url, 'GET http://other.test')).status).toBe(200);
    for (const target of ['ftp://other.test/health', 'health', '*', 'other.test:443'])
      expect((await sendLine(gateway.url, `GET ${target}`)).json.code).toMatch(REFUSED);
  });

  it('with HEAD is refused as with GET', async () => {
    for (const path of ['/api/v1/flows', '/api/v1/variables', '/api/platform/v1/audit/events']) {
      expect((await sendLine(gateway.url, `HEAD ${path}`)).status).toBe(403);
      const key = [`x-api-key: ${READER_KEY}`];
      const [get, head] = [
        await sendLine(gateway.url, `GET ${path}`, key),
        await sendLine(gateway.url, `HEAD ${path}`, key),
      ];
      expect(head.status).toBe(get.status);
    }
  });

  it('with a header or member that names another method or path is the same request', async () => {
    const key = `x-api-key: ${READER_KEY}`;
    const plain = await sendLine(gateway.url, 'POST /api/v1/variables', [key]);
    expect(plain.json.code).toBe('PERMISSION_DENIED');
    for (const other of [
      'x-http-method-override: GET',
      'x-http-method: GET',
      'x-method-override: GET',
      'x-original-url: /health',
      'x-rewrite-url: /health',
      'x-forwarded-uri: /health',
      'x-forwarded-path: /health',
    ])
      expect((await sendLine(gateway.url, 'POST /api/v1/variables', [key, other])).json.code).toBe(
        'PERMISSION_DENIED',
      );
    expect((await sendLine(gateway.url, 'POST /api/v1/variables?_method=GET', [key])).json.code).toBe(
      'PERMISSION_DENIED',
    );
  });

  it('has no method that is not declared', async () => {
    for (const method of [
      'TRACE',
      'TRACK',
      'PROPFIND',
      'SEARCH',
      'LINK',
      'PURGE',
      'MKCOL',
      'COPY',
      'QUERY',
      'get',
      'OPTIONS',
    ])
      for (const path of ['/api/v1/flows', '/health']) {
        const answer = await sendLine(gateway.url, `${method} ${path}`, [`x-api-key: ${KEY}`]);
        expect({ method, status: answer.status }).toEqual({ method, status: expect.toBeOneOf([400, 404]) });
        expect(answer.json.code).toMatch(/^(ROUTE_UNKNOWN|REQUEST_INVALID)$/);
        expect(answer.json.request_id).toBe(answer.headers['x-request-id']);
      }
  });
});

describe('N28: a path that contains a public one', () => {
  it.each(publicPaths)('%s opens nothing else', async (path) => {
    for (const spelling of [
      `/x${path}`,
      `/api/v1/variables${path}`,
      `${path}/x`,
      `${path}/api/v1/variables`,
      `${path};x`,
      `${path}%2f`,
      `/${path}`,
      `${path}/../api/v1/variables`,
      `${path}/..%2fapi/v1/variables`,
      path.toUpperCase(),
      `${path}.`,
      `${path}%20`,
      `${path}%00`,
      `/api/v1/variables?${path}`,
      `/api/v1/variables%23${path}`,
      `/api/v1/variables%3f${path}`,
    ]) {
      const answer = await sendLine(gateway.url, `GET ${spelling}`);
      expect({ spelling, code: answer.json.code }).toEqual({
        spelling,
        code: expect.stringMatching(REFUSED),
      });
    }
    expect((await sendLine(gateway.url, `HEAD ${path}/`)).status).not.toBe(404);
  });
});

describe('N35: a request that names other hosts', () => {
  it.each([
    ['another host', ['host: localhost']],
    ['no valid host', ['host: a b']],
    [
      'a forwarded host',
      ['x-forwarded-host: localhost', 'x-forwarded-proto: https', 'forwarded: host=localhost'],
    ],
    ['an address of this machine', ['host: 127.0.0.1', 'x-forwarded-for: 127.0.0.1', 'x-real-ip: 127.0.0.1']],
  ])('is refused as any other without a key: %s', async (_name, headers) => {
    const answer = await sendLine(gateway.url, 'GET /api/v1/flows', headers);
    expect(answer.json.code).toMatch(/^(KEY_MISSING|REQUEST_INVALID)$/);
    expect(answer.headers['strict-transport-security']).toBeUndefined();
  });

  it('is refused when there are two, or none', async () => {
    const key = `x-api-key: ${KEY}`;
    const two = await sendLine(gateway.url, 'GET /api/v1/version', ['host: a.test', 'host: b.test', key]);
    expect([two.status, two.json.detail]).toEqual([
      400,
      expect.stringContaining('headers.host: given 2 times'),
    ]);
    const none = await sendRaw(gateway.url, 'GET /api/v1/version HTTP/1.1\r\nconnection: close\r\n\r\n');
    expect([none.status, none.json.code]).toEqual([400, 'REQUEST_INVALID']);
    expect(none.json.request_id).toBe(none.headers['x-request-id']);
  });
});

describe('a request that Node’s parser refuses', () => {
  const start = 'POST /api/v1/run/x HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n';
  it.each([
    ['a length given twice', `${start}content-length: 5\r\ncontent-length: 6\r\n\r\nabcdef`],
    ['a length and chunks', `${start}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a length that is no number', `${start}content-length: abc\r\n\r\n`],
    ['an encoding that it does not know', `${start}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['a header with a line feed alone', `${start}a: b\n\r\n\r\n`],
    ['a header with a NUL', `${start}a: b\0c\r\n\r\n`],
    ['a folded header', `${start}a: b\r\n c\r\n\r\n`],
    ['a space before the colon', `${start}content-length : 3\r\n\r\nabc`],
    ['another version of HTTP', 'GET / HTTP/3.7\r\nhost: a.test\r\n\r\n'],
    ['an unknown method', 'EAT / HTTP/1.1\r\nhost: a.test\r\n\r\n'],
  ])('gets an error of the usual shape: %s', async (_name, text) => {
    const answer = await sendRaw(gateway.url, text);
    expect(answer).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } });
    expect(answer.json.request_id).toBe(answer.headers['x-request-id']);
    expect(answer.headers['content-security-policy']).toBeDefined();
  });

  it('with a chunk that is none is refused once its caller is known', async () => {
    const chunked = (key: string): string =>
      `${start}x-api-key: ${key}\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`;
    const answer = await sendRaw(gateway.url, chunked(KEY));
    expect(answer.status).toBe(400);
    expect(answer.json.request_id).toBe(answer.headers['x-request-id']);
  });
});
