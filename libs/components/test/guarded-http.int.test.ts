import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { isCausewayError } from '@causeway/dag';
import { afterEach, beforeAll, afterAll, describe, expect, test } from 'vitest';
import {
  type GuardedHttpClient,
  type GuardedHttpSettings,
  createGuardedHttp,
  maxRedirects,
} from '../src/runtime/guarded-http.js';
import { type LocalServer, startLocalServer } from './local-server.js';

const signal = new AbortController().signal;
const clients: GuardedHttpClient[] = [];
let server: LocalServer;
let other: LocalServer;

beforeAll(async () => {
  other = await startLocalServer((_request, response) => response.end('other'));
  server = await startLocalServer((request, response) => {
    const [path, query = ''] = request.path.split('?');
    switch (path) {
      case '/redirect':
        return void response
          .writeHead(Number(query.split(',')[0]), { location: query.slice(query.indexOf(',') + 1) })
          .end();
      case '/loop':
        return void response.writeHead(302, { location: '/loop' }).end();
      case '/gzip':
        return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'));
      case '/br':
        return void response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync('packed'));
      case '/bomb':
        return void response
          .writeHead(200, { 'content-encoding': 'gzip' })
          .end(gzipSync(Buffer.alloc(50_000_000)));
      case '/large':
        return void response.end(Buffer.alloc(2_000_000));
      case '/hang':
        return;
      case '/drip':
        response.writeHead(200);
        response.write('a');
        return;
      case '/broken':
        response.writeHead(200, { 'content-length': '100' });
        response.write('half');
        return void setTimeout(() => response.destroy(), 10);
      default:
        return void response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end(`hello ${request.method}`);
    }
  });
});
afterAll(() => Promise.all([server.close(), other.close()]));
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

function client(settings: GuardedHttpSettings = {}): ReturnType<GuardedHttpClient['forNode']> {
  const made = createGuardedHttp(settings);
  clients.push(made);
  return made.forNode('Fetcher');
}

function allowing(settings: GuardedHttpSettings = {}): ReturnType<GuardedHttpClient['forNode']> {
  return client({ allow: [`127.0.0.1:${server.port}`, `127.0.0.1:${other.port}`], ...settings });
}

async function failure(call: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isCausewayError(error)) throw new Error(`expected a CausewayError, got ${String(error)}`);
  return { code: error.code, message: error.message };
}

const textOf = (answer: { body: Uint8Array }): string => Buffer.from(answer.body).toString();

describe('N10: addresses that are not public', () => {
  const forms = (port: number): readonly string[] => [
    `http://127.0.0.1:${port}/`,
    `http://localhost:${port}/`,
    `http://localhost.:${port}/`,
    `http://LOCALHOST:${port}/`,
    `http://127.1:${port}/`,
    `http://2130706433:${port}/`,
    `http://0x7f000001:${port}/`,
    `http://0x7f.1:${port}/`,
    `http://017700000001:${port}/`,
    `http://0177.0.0.1:${port}/`,
    `http://１２７.0.0.1:${port}/`,
    `http://0:${port}/`,
    `http://0.0.0.0:${port}/`,
    `http://[::1]:${port}/`,
    `http://[::]:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://[::ffff:7f00:1]:${port}/`,
    `http://[64:ff9b::7f00:1]:${port}/`,
    `http://[2002:7f00:1::]:${port}/`,
    `http:\\\\127.0.0.1:${port}\\`,
    `http:/127.0.0.1:${port}/`,
    `http://127.0.0.1:${port}#@example.com/`,
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/latest/meta-data/',
    'http://10.0.0.1/',
    'http://192.168.0.1/',
    'http://100.64.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
  ];

  test('are refused in every spelling, and nothing reaches the server', async () => {
    const before = server.requests.length;
    const http = client();
    for (const url of forms(server.port)) {
      expect(await failure(http(url, { signal })), url).toMatchObject({ code: 'ADDRESS_REFUSED' });
    }
    expect(server.requests.length).toBe(before);
  });

  test('the error names node, host and port, not the path', async () => {
    const { message } = await failure(
      client()(`http://127.0.0.1:${server.port}/secret?key=s3cr3t`, { signal }),
    );
    expect(message).toContain('Component Fetcher may not call 127.0.0.1:');
    expect(message).not.toContain('s3cr3t');
  });

  test.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'gopher://127.0.0.1/',
    'data:text/plain,hi',
    'unix:/var/run/docker.sock',
    'javascript:alert(1)',
  ])('%s is refused: only http and https', async (url) => {
    expect((await failure(client()(url, { signal }))).code).toBe('ADDRESS_REFUSED');
  });

  test.each([
    'http://user:pass@127.0.0.1/',
    'http://public.test@127.0.0.1/',
    'nonsense',
    'http://',
    'http://[fe80::1%25eth0]/',
  ])('%s is no usable URL', async (url) => {
    const { code, message } = await failure(client()(url, { signal }));
    expect(code).toBe('REQUEST_FAILED');
    expect(message).not.toContain('pass@');
  });

  test('N10: a name is refused when any of its addresses is not public', async () => {
    const http = client({ resolve: async () => ['93.184.216.34', '127.0.0.1'] });
    expect((await failure(http(`http://mixed.test:${server.port}/`, { signal }))).code).toBe(
      'ADDRESS_REFUSED',
    );
  });

  test('N26: a second answer of the resolver changes nothing: the checked address is called', async () => {
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    let asked = 0;
    const http = allowing({ resolve: async () => answers[asked++] ?? ['10.0.0.1'] });
    expect(textOf(await http(`http://rebind.test:${server.port}/`, { signal }))).toBe('hello GET');
    expect(asked).toBe(1);
    const rebound = client({ resolve: async () => ['127.0.0.1'] });
    expect((await failure(rebound(`http://rebind.test:${server.port}/`, { signal }))).code).toBe(
      'ADDRESS_REFUSED',
    );
  });

  test('variables that name a proxy have no effect', async () => {
    process.env['http_proxy'] = server.url;
    process.env['HTTP_PROXY'] = server.url;
    const before = server.requests.length;
    try {
      const http = client({ resolve: async () => ['10.255.255.1'] });
      expect((await failure(http('http://public.test/', { signal }))).code).toBe('ADDRESS_REFUSED');
      expect(server.requests.length).toBe(before);
    } finally {
      delete process.env['http_proxy'];
      delete process.env['HTTP_PROXY'];
    }
  });
});

describe('the allow-list', () => {
  test('opens an address and port', async () => {
    const answer = await allowing()(`${server.url}/x`, { signal });
    expect(answer).toMatchObject({ status: 200, url: `${server.url}/x` });
    expect(answer.headers['set-cookie']).toBe('a=1, b=2');
    expect(textOf(answer)).toBe('hello GET');
  });

  test('opens a range and a name', async () => {
    expect((await client({ allow: ['127.0.0.0/8'] })(server.url, { signal })).status).toBe(200);
    expect(
      (await client({ allow: [`localhost:${server.port}`] })(`http://localhost:${server.port}/`, { signal }))
        .status,
    ).toBe(200);
    expect(
      (await failure(client({ allow: ['localhost:1'] })(`http://localhost:${server.port}/`, { signal })))
        .code,
    ).toBe('ADDRESS_REFUSED');
  });

  test('an entry that cannot be read stops the start', () => {
    expect(() => createGuardedHttp({ allow: ['http://x'] })).toThrow('allow-list entry "http://x"');
  });
});

describe('N10: redirects', () => {
  test('are followed only when the caller says so', async () => {
    const url = `${server.url}/redirect?302,/end`;
    expect((await allowing()(url, { signal })).status).toBe(302);
    const followed = await allowing()(url, { signal, followRedirects: true });
    expect(followed).toMatchObject({ status: 200, url: `${server.url}/end` });
  });

  test.each([
    'http://10.0.0.1/',
    'http://[::1]/',
    'http://localhost:1/',
    'file:///etc/passwd',
    '//169.254.169.254/',
  ])('to %s is refused', async (target) => {
    const call = allowing()(`${server.url}/redirect?302,${target}`, { signal, followRedirects: true });
    expect((await failure(call)).code).toBe('ADDRESS_REFUSED');
  });

  test('have a limit that the error names', async () => {
    const before = server.requests.length;
    const { code, message } = await failure(
      allowing()(`${server.url}/loop`, { signal, followRedirects: true }),
    );
    expect(code).toBe('REQUEST_FAILED');
    expect(message).toContain(`more than ${maxRedirects} times`);
    expect(server.requests.length - before).toBe(maxRedirects + 1);
  });

  test('to another origin have no credentials, to the same origin they have them', async () => {
    const headers = { Authorization: 'Bearer t', Cookie: 'a=1', 'X-Other': 'kept' };
    await allowing()(`${server.url}/redirect?302,${other.url}/`, { headers, signal, followRedirects: true });
    expect(other.requests.at(-1)?.headers).toMatchObject({ 'x-other': 'kept' });
    expect(other.requests.at(-1)?.headers).not.toHaveProperty('authorization');
    expect(other.requests.at(-1)?.headers).not.toHaveProperty('cookie');
    await allowing()(`${server.url}/redirect?302,/same`, { headers, signal, followRedirects: true });
    expect(server.requests.at(-1)?.headers).toMatchObject({ authorization: 'Bearer t', cookie: 'a=1' });
  });

  test.each([
    ['303', 'GET', ''],
    ['302', 'GET', ''],
    ['307', 'POST', 'data'],
    ['308', 'POST', 'data'],
  ])('%s after a POST is followed by %s', async (status, method, body) => {
    await allowing()(`${server.url}/redirect?${status},/end`, {
      method: 'POST',
      body: 'data',
      signal,
      followRedirects: true,
    });
    expect(server.requests.at(-1)).toMatchObject({ method, body });
  });
});

describe('limits', () => {
  test('an answer that is too large names the limit', async () => {
    const { code, message } = await failure(allowing()(`${server.url}/large`, { maxBytes: 1000, signal }));
    expect(code).toBe('REQUEST_FAILED');
    expect(message).toContain('limit maxBytes of 1000 bytes');
  });

  test('compressed answers are unpacked, up to the limit', async () => {
    expect(textOf(await allowing()(`${server.url}/gzip`, { signal }))).toBe('packed');
    expect(textOf(await allowing()(`${server.url}/br`, { signal }))).toBe('packed');
    expect((await failure(allowing()(`${server.url}/bomb`, { signal }))).message).toContain('maxBytes');
    expect((await allowing()(`${server.url}/gzip`, { method: 'HEAD', signal })).status).toBe(200);
  });

  test.each(['/hang', '/drip'])('%s ends after its time', async (path) => {
    const started = performance.now();
    const { code, message } = await failure(allowing()(`${server.url}${path}`, { timeoutMs: 200, signal }));
    expect(code).toBe('REQUEST_FAILED');
    expect(message).toContain('no answer within 200 ms');
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  test('a resolver that never answers ends after its time', async () => {
    const http = client({ resolve: () => new Promise(() => undefined) });
    expect((await failure(http('http://slow.test/', { timeoutMs: 200, signal }))).message).toContain(
      'within 200 ms',
    );
  });

  test('the caller’s abort ends the call with the caller’s reason and closes the socket', async () => {
    const sockets = createServer();
    sockets.listen(0, '127.0.0.1');
    await once(sockets, 'listening');
    const { port } = sockets.address() as AddressInfo;
    const abort = new AbortController();
    const call = client({ allow: ['127.0.0.1'] })(`http://127.0.0.1:${port}/`, { signal: abort.signal });
    const [socket] = (await once(sockets, 'connection')) as [import('node:net').Socket];
    const closed = once(socket, 'close');
    socket.on('error', () => undefined).resume();
    abort.abort(new Error('cancelled by the user'));
    await expect(call).rejects.toThrow('cancelled by the user');
    await closed;
    sockets.close();
  });
});

describe('failures of the other side', () => {
  test('a refused connection, an unknown name, a broken answer and an answer that is no HTTP are errors, not crashes', async () => {
    const closed = await startLocalServer(() => undefined);
    await closed.close();
    const open = client({ allow: ['127.0.0.1'] });
    expect((await failure(open(closed.url, { signal }))).code).toBe('REQUEST_FAILED');
    const unknown = client({
      resolve: async () => {
        throw new Error('getaddrinfo ENOTFOUND nowhere.test');
      },
    });
    expect((await failure(unknown('http://nowhere.test/', { signal }))).message).toContain('ENOTFOUND');
    expect(
      (await failure(client({ resolve: async () => [] })('http://empty.test/', { signal }))).message,
    ).toContain('no address');
    expect((await failure(allowing()(`${server.url}/broken`, { signal }))).code).toBe('REQUEST_FAILED');

    const raw = createServer((socket) => socket.on('error', () => undefined).end('-ERR unknown command\r\n'));
    raw.listen(0, '127.0.0.1');
    await once(raw, 'listening');
    const { port } = raw.address() as AddressInfo;
    expect((await failure(open(`http://127.0.0.1:${port}/`, { signal }))).code).toBe('REQUEST_FAILED');
    raw.close();
  });

  test('the next address is tried when one does not answer', async () => {
    const http = client({ allow: ['127.0.0.0/8'], resolve: async () => ['127.0.0.99', '127.0.0.1'] });
    expect((await http(`http://two.test:${server.port}/`, { signal })).status).toBe(200);
  });

  test('headers that would split the request are refused', async () => {
    const call = allowing()(server.url, { headers: { 'X-A': 'a\r\nX-B: b' }, signal });
    expect((await failure(call)).code).toBe('REQUEST_FAILED');
  });
});
