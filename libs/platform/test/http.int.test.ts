import { type InputOf, causewayError } from '@causeway/contracts';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testNats, waitFor } from '@causeway/testing';
import { Body, Controller, Get, Header, Module, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  Bus,
  FolderStore,
  Handles,
  type RunningService,
  currentContext,
  defineSettings,
  extendContext,
  log,
  newId,
  runService,
  tapLog,
  zod,
} from '#platform';
import { sayText } from './echo/contracts.js';
import { testCaller, testKeys } from '#testing';

const nats = await testNats();
const folder = mkdtempSync(join(tmpdir(), 'causeway-downloads-'));
const objects = new FolderStore(folder);
afterAll(() => rmSync(folder, { recursive: true }));
const Order = z.object({ name: z.string().min(2), items: z.array(z.object({ count: z.number().int() })) });
/** The requests for `slow` are answered when a test says so. */
let slow = Promise.withResolvers<void>();

@Controller()
class DoorController {
  constructor(private readonly bus: Bus) {}

  @Post(['/api/v1/orders', '/api/platform/orders'])
  order(@Body(zod(Order)) order: z.infer<typeof Order>) {
    return { name: order.name, requestId: currentContext().requestId };
  }

  @Get('/api/platform/orders')
  list(
    @Query(zod(z.object({ limit: z.coerce.number().int().max(10).default(5) }))) { limit }: { limit: number },
  ) {
    return { limit };
  }

  @Get('/api/v1/runs/:how')
  async run(@Param('how') how: string) {
    const runId = newId();
    extendContext({ runId });
    if (how === 'busy') throw causewayError('UNAVAILABLE', { service: 'orders', retryAfterS: 3 });
    if (how === 'slow') await slow.promise;
    if (how === 'late') throw causewayError('RUN_TIMED_OUT', { timeoutMs: 1, runId: 'r1' });
    if (how === 'crash') throw new Error('secret 4711');
    if (how === 'echo') return this.bus.request(sayText, { text: 'over the bus' });
    return { runId };
  }

  @Get('/page')
  @Header('content-security-policy', "default-src 'self'")
  page() {
    return '<p>a page</p>';
  }

  /** A download of a file that is cut short while it is sent. */
  @Get('/api/v1/downloads/:how')
  async download(@Param('how') how: string) {
    const { sha256, bytes } = await objects.put(randomBytes(4_000_000));
    const stream = await objects.open(sha256);
    truncateSync(join(folder, sha256.slice(0, 2), sha256), 1_000_000);
    return new StreamableFile(stream, how === 'of-known-length' ? { length: bytes } : {});
  }

  // The echo service's request, handled by the service that asks: both transports of one process.
  @Handles(sayText)
  async say({ text }: InputOf<typeof sayText>) {
    return { text, pid: process.pid, requestId: currentContext().requestId ?? null };
  }
}

@Module({ controllers: [DoorController] })
class DoorModule {}

const settings = defineSettings({
  limit: { schema: z.coerce.number().default(1_000), description: 'Body limit.' },
});
let service: RunningService<typeof settings>;

function start(): Promise<RunningService<typeof settings>> {
  return runService({
    name: 'echo',
    settings,
    module: async () => DoorModule,
    http: ({ limit }) => ({
      host: '127.0.0.1',
      port: 0,
      bodyLimitBytes: limit,
      bodyLimitName: 'CAUSEWAY_LIMIT',
      corsOrigins: ['https://good.test'],
    }),
    environment: { ...testKeys, CAUSEWAY_NATS_URL: nats.url, CAUSEWAY_LOG_LEVEL: 'silent' },
    embedded: true,
    callerOf: testCaller,
  });
}

beforeAll(async () => {
  service = await start();
});
afterAll(() => service.drain('the test is over'));

async function call(path: string, init: RequestInit = {}) {
  const response = await fetch(`http://127.0.0.1:${service.httpPort}${path}`, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text === '' ? {} : JSON.parse(text),
  };
}
function post(path: string, body: string, headers: Record<string, string> = {}) {
  return call(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
}

describe('a request', () => {
  test('is parsed and answered within its context, also when it has a body', async () => {
    const answer = await post('/api/v1/orders', '{"name":"ab","items":[]}', { 'x-request-id': 'mine-1' });
    expect(answer).toMatchObject({ status: 201, json: { name: 'ab', requestId: 'mine-1' } });
    expect(answer.headers.get('x-request-id')).toBe('mine-1');
    expect((await call('/api/platform/orders?limit=7')).json).toEqual({ limit: 7 });
    expect((await call('/api/platform/orders')).json).toEqual({ limit: 5 });
  });

  test('without a usable id gets one', async () => {
    const answer = await post('/api/v1/orders', '{"name":"ab","items":[]}', {
      'x-request-id': 'a b<script>',
    });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.json.requestId).toBe(answer.headers.get('x-request-id'));
  });

  test('passes its context on over the bus, and names its run in the answer', async () => {
    const answer = await call('/api/v1/runs/echo', { headers: { 'x-request-id': 'over-1' } });
    expect(answer.json).toMatchObject({ text: 'over the bus', requestId: 'over-1' });
    expect(answer.headers.get('x-causeway-run-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is counted by route, method and class of status', async () => {
    await call('/api/v1/runs/fine');
    const metrics = await (await fetch(`http://127.0.0.1:${service.internalPort}/metrics`)).text();
    expect(metrics).toMatch(
      /causeway_requests_total\{service="echo",route="\/api\/v1\/runs\/:how",method="GET",status="2xx"\} [1-9]/,
    );
    expect(metrics).toMatch(
      /causeway_request_duration_seconds_count\{service="echo",route="[^"]+",method="GET"\} /,
    );
  });
});

describe('an error', () => {
  test('on Langflow’s paths has detail, code and request id', async () => {
    const answer = await post('/api/v1/orders', '{"name":"a","items":[{"count":1.5}]}', {
      'x-request-id': 'bad-1',
    });
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({ detail: expect.any(String), code: 'REQUEST_INVALID', request_id: 'bad-1' });
    expect(answer.json.detail).toMatch(/^name: .*; items\.0\.count: /);
  });

  test('on all others is a problem document', async () => {
    const answer = await post('/api/platform/orders', '{"name":"a","items":[]}', { 'x-request-id': 'bad-2' });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.json).toMatchObject({
      type: 'urn:causeway:error:REQUEST_INVALID',
      title: 'REQUEST_INVALID',
      status: 400,
      code: 'REQUEST_INVALID',
      request_id: 'bad-2',
      errors: [expect.stringMatching(/^name: /)],
    });
  });

  test('says when to try again, and names the run', async () => {
    const answer = await call('/api/v1/runs/busy');
    expect(answer).toMatchObject({ status: 503, json: { code: 'UNAVAILABLE' } });
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer.headers.get('x-causeway-run-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('whose status means that a later request may succeed has a Retry-After even if it sets none, and names its run in the body', async () => {
    const answer = await call('/api/v1/runs/late');
    expect(answer).toMatchObject({ status: 504, json: { code: 'RUN_TIMED_OUT', run_id: 'r1' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.headers.get('x-causeway-run-id')).toBe('r1');
  });

  test('of an unexpected kind shows its request id and nothing else', async () => {
    const answer = await call('/api/v1/runs/crash', { headers: { 'x-request-id': 'crash-1' } });
    expect(answer).toMatchObject({ status: 500, json: { code: 'INTERNAL', request_id: 'crash-1' } });
    expect(answer.text).not.toContain('4711');
    expect(answer.text).not.toContain('at ');
  });

  test.each([
    ['not JSON', '{"name":', 400, 'REQUEST_NOT_JSON'],
    ['empty', '', 400, 'BODY_EMPTY'],
    ['of null', 'null', 400, 'BODY_EMPTY'],
    ['too large', JSON.stringify({ name: 'x'.repeat(2_000) }), 413, 'BODY_TOO_LARGE'],
  ])('for a body that is %s names it', async (_what, body, status, code) => {
    const answer = await post('/api/v1/orders', body);
    expect(answer).toMatchObject({ status, json: { code } });
    if (status === 413) expect(answer.json.detail).toContain('1000 bytes, the limit CAUSEWAY_LIMIT');
  });

  test('for a body of an unknown kind keeps its status', async () => {
    const answer = await post('/api/v1/orders', 'x', { 'content-type': 'image/png' });
    expect(answer).toMatchObject({ status: 415, json: { code: 'REQUEST_INVALID' } });
  });

  test('for an unknown route names it', async () => {
    const answer = await call('/api/v1/nothing?key=secret');
    expect(answer).toMatchObject({ status: 404, json: { code: 'ROUTE_UNKNOWN' } });
    expect(answer.json.detail).toContain('GET /api/v1/nothing;');
    expect(answer.text).not.toContain('secret');
    const key = `cw-hook-${'k'.repeat(43)}`;
    const withKey = await call(`/api/v1/nothing/${key}/more`);
    expect(withKey).toMatchObject({ status: 404, json: { code: 'ROUTE_UNKNOWN' } });
    expect(withKey.text).not.toContain(key);
    expect((await call('/elsewhere')).headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });
});

test('a process that stops answers requests under way and refuses new ones', async () => {
  const own = await start();
  const url = `http://127.0.0.1:${own.httpPort}/api/v1/runs/`;
  await fetch(`${url}fine`);
  const begun = fetch(`${url}slow`);
  await waitFor(async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${own.internalPort}/metrics`)).text();
    return /causeway_requests_in_flight\{service="echo"\} 1/.test(metrics);
  });
  const drained = own.drain('test');
  expect((await fetch(`http://127.0.0.1:${own.internalPort}/ready`)).status).toBe(503);
  const refused = await fetch(`${url}fine`).then(
    ({ status }) => status,
    () => 'refused',
  );
  expect([503, 'refused']).toContain(refused);
  slow.resolve();
  expect((await begun).status).toBe(200);
  await drained;
  await expect(fetch(`${url}fine`)).rejects.toThrow();
});

test('a request whose caller leaves is counted and ends, also one that waits behind another', async () => {
  const metrics = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${service.internalPort}/metrics`)).text();
  slow = Promise.withResolvers();
  const asked = 'GET /api/v1/runs/slow HTTP/1.1\r\nhost: a.test\r\n\r\n';
  const socket = connect(service.httpPort as number, '127.0.0.1');
  socket.write(asked + asked);
  await waitFor(async () => /causeway_requests_in_flight\{service="echo"\} [1-9]/.test(await metrics()));
  socket.destroy();
  await waitFor(async () => /causeway_requests_in_flight\{service="echo"\} 0/.test(await metrics()));
  expect(await metrics()).toMatch(
    /causeway_requests_total\{service="echo",route="\/api\/v1\/runs\/:how",method="GET",status="4xx"\} [1-9]/,
  );
  slow.resolve();
});

test('only pages of allowed origins may read answers', async () => {
  const good = await call('/api/v1/runs/fine', { headers: { origin: 'https://good.test' } });
  expect(good.headers.get('access-control-allow-origin')).toBe('https://good.test');
  const bad = await call('/api/v1/runs/fine', { headers: { origin: 'https://bad.test' } });
  expect(bad.headers.get('access-control-allow-origin')).not.toBe('https://bad.test');
});

/** Sends these bytes to the server. @returns its answer */
function say(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(service.httpPort as number, '127.0.0.1', () => socket.write(text));
    socket.on('data', (piece) => (answer += String(piece)));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

test('a page has its own content security policy in place of the usual one', async () => {
  const page = await fetch(`http://127.0.0.1:${service.httpPort}/page`);
  expect(page.headers.get('content-security-policy')).toBe("default-src 'self'");
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
});

describe('a request that is refused before any route', () => {
  test('with a path that cannot be decoded gets an error of the usual shape, with its request id', async () => {
    for (const path of ['/%', '/api/v1/%zz']) {
      const answer = await call(path);
      expect(answer).toMatchObject({
        status: 400,
        json: { code: 'REQUEST_INVALID', detail: expect.stringContaining('path') },
      });
      expect(answer.json.request_id).toBe(answer.headers.get('x-request-id'));
      expect(answer.json.request_id).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test.each([
    ['no HTTP', 'GET / HTTP/1.1 nonsense\r\n\r\n', 400],
    ['no valid header', 'GET / HTTP/1.1\r\nhost: x\r\na b: c\r\n\r\n', 400],
    ['another expectation than 100-continue', 'GET / HTTP/1.1\r\nhost: x\r\nexpect: a-miracle\r\n\r\n', 417],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
  ])('with %s does so as well', async (_name, text, status) => {
    const answer = await say(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Record<string, unknown>;
    expect(body).toMatchObject({
      status,
      code: 'REQUEST_INVALID',
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test.each([
    ['a header', `GET / HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(60_000)}\r\n\r\n`],
    ['a path', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`],
  ])('with %s that is too long names the size and the option', async (_name, text) => {
    const answer = await say(text);
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
    expect(answer).toContain('its request line and headers together are larger than 16384 bytes');
    expect(answer).toContain('--max-http-header-size');
  });

  test('two hosts', async () => {
    const answer = await say(
      'GET /api/platform/orders HTTP/1.1\r\nhost: a\r\nHost: b\r\nconnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 .*headers.host: given 2 times/s);
  });
});

test('a request that comes while the service stops is refused in the usual shape, and those before it are answered', async () => {
  slow = Promise.withResolvers();
  const stopping = await start();
  const socket = connect(stopping.httpPort as number, '127.0.0.1').setEncoding('utf8');
  let answers = '';
  socket.on('data', (piece: string) => (answers += piece));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write('GET /api/v1/runs/slow HTTP/1.1\r\nhost: a.test\r\n\r\n');
  // The metrics are those of the process, which both services share.
  const inFlight = async (): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${service.internalPort}/metrics`)).text();
    return Number(/causeway_requests_in_flight\{service="echo"\} (\d+)/.exec(text)?.[1]);
  };
  await waitFor(async () => (await inFlight()) === 1);
  const stopped = stopping.drain('a test');
  await new Promise((resolve) =>
    socket.write('GET /api/v1/runs/fine HTTP/1.1\r\nhost: a.test\r\n\r\n', resolve),
  );
  // The second request is refused at once, and its answer waits for the one before it.
  await waitFor(async () => (await inFlight()) === 2);
  slow.resolve();
  await Promise.all([stopped, closed]);
  const [first = '', second = ''] = answers.split(/(?=HTTP\/1.1 503)/);
  expect(first).toMatch(/^HTTP\/1.1 200 /);
  expect(second).toMatch(
    /^HTTP\/1.1 503 .*connection: close.*retry-after: 1.*"code":"UNAVAILABLE","request_id"/is,
  );
});

describe('a download that breaks off', () => {
  const lines: string[] = [];
  const untap = tapLog((line) => lines.push(line));
  beforeAll(() => void (log.level = 'error'));
  afterAll(() => {
    log.level = 'silent';
    untap();
  });

  test.each(['of-known-length', 'of-unknown-length'])(
    'breaks the connection and is logged (%s)',
    async (how) => {
      lines.length = 0;
      const response = await fetch(`http://127.0.0.1:${service.httpPort}/api/v1/downloads/${how}`, {
        headers: { 'x-request-id': how },
      });
      expect(response.status).toBe(200);
      await expect(response.arrayBuffer()).rejects.toThrow(/terminated/);
      const logged = await waitFor(() => lines.find((line) => line.includes('answer broken off')), {
        what: 'the line',
      });
      expect(JSON.parse(logged ?? '{}')).toMatchObject({
        'error.code': 'PAYLOAD_MISSING',
        labels: { route: '/api/v1/downloads/:how', method: 'GET', requestId: how },
      });
    },
  );
});
