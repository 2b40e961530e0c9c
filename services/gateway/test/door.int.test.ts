import { Agent, request } from 'node:http';
import { routes } from '@causeway/contracts';
import type { Route } from '@causeway/contracts';
import { testNats } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { sendLine } from './raw-request.js';
import { startGateway } from './start-gateway.js';

const nats = await testNats();
const origin = 'http://pages.example';
const gateway = await startGateway(nats.url, {
  CAUSEWAY_CORS_ORIGINS: origin,
  CAUSEWAY_MAX_BODY_BYTES: '2048',
});
afterAll(() => gateway.close());

const uuid = '00000000-0000-4000-8000-00000000abcd';
function call(route: Pick<Route, 'method' | 'path'>, init: RequestInit = {}): Promise<Response> {
  const path = route.path.replace(/\{\w+\}/g, uuid);
  return fetch(gateway.url + path, { method: route.method, ...init });
}

describe('the door', () => {
  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s is served, and only with a key unless it is public',
    async (_name, route) => {
      const response = await call(route, { signal: AbortSignal.timeout(10_000), redirect: 'manual' });
      const text = await response.text();
      if (route.isPage) {
        // A page leads to where one can sign in; its errors are pages.
        if (route.permission === 'public') expect(text).not.toContain('ROUTE_UNKNOWN');
        else expect(response.headers.get('location')).toMatch(/^\/sign-in\?to=/);
        return;
      }
      const { code } = text.startsWith('{') ? (JSON.parse(text) as { code?: string }) : {};
      if (route.permission === 'public') expect(code).not.toBe('ROUTE_UNKNOWN');
      else if (route.permission === 'scim')
        expect([response.status, code]).toEqual([401, 'SCIM_TOKEN_NEEDED']);
      else expect([response.status, code]).toEqual([403, 'KEY_MISSING']);
    },
  );

  it.each(
    routes
      .filter((route) => route.permission !== 'public' && !route.path.includes('{'))
      .map((route) => [route.path, route] as const),
  )('%s is the same with a slash at its end', async (_path, route) => {
    const { status } = await call({ ...route, path: `${route.path}/` }, { redirect: 'manual' });
    expect(status).toBe(route.isPage ? 303 : route.permission === 'scim' ? 401 : 403);
  });

  it.each([
    ['GET', '/api/v1/nothing'],
    ['GET', '/api/v1/flows/../../etc/passwd'],
    ['POST', '/health'],
    ['GET', '/API/v1/flows'],
    ['GET', '//api/v1/flows'],
    ['TRACE', '/api/v1/flows'],
  ])('%s %s does not exist', async (method, path) => {
    const response = await fetch(gateway.url + path, { method }).catch((error: Error) => error);
    if (response instanceof Error) expect(response.message).toMatch(/TRACE/);
    else expect([404, 405]).toContain(response.status);
  });

  it('answers HEAD as GET', async () => {
    expect((await fetch(`${gateway.url}/health`, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${gateway.url}/api/v1/flows`, { method: 'HEAD' })).status).toBe(403);
  });

  it('does not report whether a key is wrong when auth does not answer', async () => {
    const response = await call(
      { method: 'GET', path: '/api/v1/flows' },
      { headers: { 'x-api-key': 'sk-wrong' } },
    );
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
  });

  it('checks the key before the body, however large the body is', async () => {
    const response = await call(
      { method: 'POST', path: '/api/v1/run/{flow}' },
      { body: 'x'.repeat(3000), headers: { 'content-type': 'application/json' } },
    );
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
      403,
      'KEY_MISSING',
    ]);
  });

  it('lists its own routes', async () => {
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as {
      paths: Record<string, object>;
    };
    expect(Object.keys(document.paths).sort()).toEqual(
      [...new Set(routes.map((route) => route.path))].sort(),
    );
  });
});

describe('N6: pages of other origins', () => {
  const preflight = (from: string): Promise<Response> =>
    fetch(`${gateway.url}/api/v1/run/x`, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-api-key,content-type',
      },
    });
  const allowing = ({ headers }: Response): string[] =>
    [...headers].filter(([name]) => name.startsWith('access-control-allow-')).map(([name]) => name);

  it('may call when their origin is listed, without the browser’s own credentials', async () => {
    const response = await preflight(origin);
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect(response.headers.get('access-control-allow-headers')).toContain('x-api-key');
    expect(response.headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect(response.headers.get('vary')).toContain('Origin');
  });

  it('can read why they are refused', async () => {
    const response = await fetch(`${gateway.url}/api/v1/run/x`, { method: 'POST', headers: { origin } });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([403, origin]);
  });

  it.each([
    'http://evil.example',
    'null',
    '*',
    'https://pages.example',
    'http://pages.example:8080',
    'http://pages.example.evil.example',
    'http://evilpages.example',
    'http://evil.example/http://pages.example',
    'HTTP://PAGES.EXAMPLE',
    'http://pages.example@evil.example',
  ])('may not call when it is not listed: %s', async (from) => {
    expect(allowing(await preflight(from))).toEqual([]);
    const read = await fetch(`${gateway.url}/api/v1/version`, { headers: { origin: from } });
    expect(allowing(read)).toEqual([]);
    // A cache must not give this answer to pages of the listed origin.
    expect(read.headers.get('vary')).toContain('Origin');
  });

  it.each([
    '*',
    'null',
    'pages.example',
    'https://pages.example/',
    'https://*.example',
    'ftp://pages.example',
  ])('cannot be listed as %s', async (listed) => {
    await expect(startGateway(nats.url, { CAUSEWAY_CORS_ORIGINS: listed })).rejects.toThrow(
      /CAUSEWAY_CORS_ORIGINS: .*origins as browsers send them/,
    );
  });
});

describe('every answer', () => {
  const secure = {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };

  it.each([
    ['of a public route', 'GET /health', [], 200],
    ['to HEAD', 'HEAD /health', [], 200],
    ['without a key', 'GET /api/v1/flows', [], 403],
    ['to an undeclared path', 'GET /nothing', [], 404],
    ['to a path that cannot be decoded', 'GET /%', [], 400],
    ['to two hosts', 'GET /health', ['host: a', 'host: b'], 400],
    ['to an expectation', 'POST /api/v1/run/x', ['expect: a-miracle'], 417],
    ['to a bad header', 'GET /health', ['a b: c'], 400],
    ['to a header that is too long', 'GET /health', [`a: ${'x'.repeat(20_000)}`], 431],
    [
      'to a preflight',
      'OPTIONS /api/v1/flows',
      [`origin: ${origin}`, 'access-control-request-method: GET'],
      204,
    ],
  ])(
    '%s keeps browsers from running, framing and guessing it, and names no program',
    async (_name, line, more, status) => {
      const { headers, ...answer } = await sendLine(gateway.url, line, more);
      expect(answer.status).toBe(status);
      expect(headers).toMatchObject(secure);
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      for (const absent of ['server', 'x-powered-by', 'strict-transport-security', 'set-cookie'])
        expect(headers).not.toHaveProperty(absent);
    },
  );
});

describe('log access', () => {
  it('is off, and the error says how to turn it on', async () => {
    const response = await fetch(`${gateway.url}/logs`);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      code: 'LOGS_OFF',
      detail: expect.stringContaining('CAUSEWAY_LOG_ACCESS'),
    });
  });

  describe('when it is on for this machine', async () => {
    const open = await startGateway(nats.url, {
      CAUSEWAY_LOG_ACCESS: 'loopback',
      CAUSEWAY_LOG_LEVEL: 'debug',
    });
    afterAll(() => open.close());

    it('returns lines by time, and streams new ones', async () => {
      const stream = await fetch(`${open.url}/logs-stream`);
      await fetch(`${open.url}/api/v1/nothing`);
      const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
      const { value } = await reader.read();
      await reader.cancel();
      expect(value).toMatch(/^\{"\d{13}":/);
      const lines = (await (await fetch(`${open.url}/logs`)).json()) as Record<string, string>;
      expect(Object.keys(lines).every((key) => /^\d{13}$/.test(key))).toBe(true);
      expect(Object.keys(lines).length).toBeGreaterThan(0);
    });

    it('refuses both directions at once, forwarded callers, and an end without a start', async () => {
      expect((await fetch(`${open.url}/logs?timestamp=1&lines_before=1&lines_after=1`)).status).toBe(400);
      expect((await fetch(`${open.url}/logs?lines_after=1`)).status).toBe(400);
      expect((await fetch(`${open.url}/logs`, { headers: { 'x-forwarded-for': '127.0.0.1' } })).status).toBe(
        403,
      );
    });
  });
});

describe('a body that is refused before it is read', () => {
  it('gets its answer, and its connection serves the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const post = (path: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const sent = request(gateway.url + path, {
          agent,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
        });
        sent.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode)));
        sent.on('error', reject).end(Buffer.alloc(24 * 1024 ** 2, 'x'));
      });
    expect([await post('/api/v1/run/x'), await post('/api/v1/flows')]).toEqual([403, 403]);
    agent.destroy();
  });
});
