import { connect } from 'node:net';
import { specs } from '@causeway/components/specs';
import { routes } from '@causeway/contracts';
import type { Route } from '@causeway/contracts';
import { watchProcess, watched } from '@causeway/platform/testing';
import { testNats } from '@causeway/testing';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { heavyValues, randomOf } from './heavy-values.js';
import { KEY, startNeighbours } from './neighbours.js';
import { startRegistry } from './stand-in-registry.js';
import { startGateway } from './start-gateway.js';

const SEED = Number(process.env['CAUSEWAY_TEST_SEED'] ?? 20_261_128);
/** How many requests the first test sends, and how many components the second one tries; the seed decides which. */
const REQUESTS = 70;
const COMPONENTS = 18;
/** Far more than a busy machine needs. */
const TIMEOUT_MS = 600_000;
const MIB = 1024 ** 2;
/** How long a request may block the event loop at a time. */
const MOST_HELD_MS = 100;
/** A request may use so many times its size as additional memory. */
const MOST_GROWTH = 5;
/** Memory use varies by this much anyway, so it is allowed on top. */
const FREE_BYTES = 16 * MIB;

const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
await startRegistry(neighbours.environment);
const gateway = await startGateway(nats.url, {
  ...neighbours.environment,
  ...watched,
  CAUSEWAY_LOG_LEVEL: 'info',
});
afterAll(() => gateway.close());
/** Connections whose headers never end, open while the other tests run. */
const slow = openSlowly(100);
afterAll(() => slow.end());
const costOf = await watchProcess(gateway, MOST_HELD_MS);
const random = randomOf(SEED);
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const shapes = Object.keys(heavyValues);
const heavy = (shape: string, bytes: number): string => heavyValues[shape]?.(Math.floor(bytes)) ?? '';

const members = [
  'input_value',
  'tweaks',
  'session_id',
  'name',
  'description',
  'data',
  'tags',
  'template',
  'frontend_node',
  'flows',
  'text',
  'properties',
  'value',
  'default_fields',
  'permissions',
  'flows_list',
  'output_component',
  'endpoint_name',
];
/** The largest bodies that are accepted. */
const limits = { flow: 19.9e6, flows: 19.9e6, prompt: 1.04e6, run: 5.2e6 };
const ID = '00000000-0000-4000-8000-000000000000';

interface Sent {
  readonly what: string;
  readonly longestMs: number;
  readonly mib: number;
  /** Additional memory above the allowed multiple of its size. */
  readonly beyondMib: number;
}
let sent: Sent[] = [];
afterEach(() => {
  const worst = (by: 'longestMs' | 'beyondMib'): string =>
    sent
      .toSorted((one, other) => other[by] - one[by])
      .slice(0, 5)
      .map((one) => `\n  ${one[by].toFixed(1)} ${one.what} (${one.mib.toFixed(1)} MiB)`)
      .join('');
  console.log(
    `${sent.length} requests; loop held, ms:${worst('longestMs')}\nMiB beyond five times the size:${worst('beyondMib')}`,
  );
  sent = [];
});

function expectBounded(): void {
  expect(sent.filter(({ longestMs }) => longestMs > MOST_HELD_MS)).toEqual([]);
  expect(sent.filter(({ beyondMib }) => beyondMib > FREE_BYTES / MIB)).toEqual([]);
}

async function send(
  name: string,
  method: string,
  path: string,
  body: string | FormData | undefined,
  { type, answers = 0 }: { type?: string; answers?: number } = {},
): Promise<void> {
  const bytes = Math.max(answers, typeof body === 'string' ? Buffer.byteLength(body) : sizeOf(body));
  const allowed = MOST_GROWTH * bytes;
  let status = 0;
  const { longestMs, grownBytes } = await costOf(allowed, async () => {
    const headers = { 'x-api-key': KEY, prefer: 'respond-async', ...(type && { 'content-type': type }) };
    const signal = AbortSignal.timeout(60_000);
    const response = await fetch(gateway.url + path, { method, headers, ...(body && { body }), signal });
    ({ status } = response);
    const text = await response.text();
    // The answer of a refusal does not grow with the request.
    if (status >= 400) expect(text.length).toBeLessThan(64 * 1024);
  });
  const what = `${method} ${path.slice(0, 60)} ${status} ${name}`;
  sent.push({ what, longestMs, mib: bytes / MIB, beyondMib: (grownBytes - allowed) / MIB });
  // Only missing services answer with such a status.
  if (status >= 500) expect({ name, path, status }).toMatchObject({ status: 503 });
}

function sizeOf(form: FormData | undefined): number {
  const file = form?.get('file');
  return file instanceof Blob ? file.size : 0;
}

/** Mostly small parts of a limit, sometimes nearly all of it. */
function someOf(limit: number): number {
  return limit * (random() < 0.1 ? 0.99 : 0.01 + 0.3 * random() ** 2);
}

async function upload(name: string, path: string, text: string): Promise<void> {
  const form = new FormData();
  form.set('file', new Blob([text]), 'flow.json');
  await send(name, 'POST', path, form);
}

/** Opens connections that send one more byte of their headers each second. @returns what they were answered, once all are closed */
function openSlowly(count: number): { answers: Promise<string[]>; end: () => void } {
  const { hostname, port } = new URL(gateway.url);
  const sockets = Array.from({ length: count }, () => connect(Number(port), hostname).setEncoding('utf8'));
  for (const socket of sockets) {
    socket.on('error', () => {});
    socket.write('GET /api/v1/version HTTP/1.1\r\nhost: a\r\nx: ');
  }
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('x');
  }, 1_000);
  const answers = Promise.all(
    sockets.map(
      (socket) =>
        new Promise<string>((resolve) => {
          let text = '';
          socket.on('data', (piece: string) => (text += piece));
          socket.on('close', () => resolve(text));
        }),
    ),
  );
  return {
    answers,
    end: () => {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe(`N47: requests that are large, deep or long (seed ${SEED})`, () => {
  it(
    'block the event loop for a bounded time and use bounded memory on every route',
    async () => {
      const written = routes.filter((route) => route.body || route.bodyKind !== 'json');
      const read = routes.filter(
        (route) => route.method === 'GET' && route.query && !route.path.includes('logs'),
      );
      const pathOf = (route: Route): string => route.path.replace(/\{\w+\}/g, ID);
      const sendSome = async (route: Route, bytes: number): Promise<void> => {
        const shape = oneOf(shapes);
        const member = oneOf(members);
        const value = heavy(shape, bytes);
        const isAlone = random() < 0.2;
        const body = isAlone ? value : `{"name":"n","template":"t","${member}":${value}}`;
        const type = oneOf(['application/json', 'text/plain', 'multipart/form-data; boundary=b']);
        await send(`${isAlone ? '' : member} ${shape}`, route.method, pathOf(route), body, { type });
      };
      // Small requests are sent first: the first requests load code.
      for (const route of written) await sendSome(route, 1_000);
      sent = [];
      while (sent.length < REQUESTS) {
        const route = oneOf(random() < 0.85 ? written : read);
        if (route.method === 'GET') {
          const name = oneOf(['search', 'session_id', 'action', 'page', 'after']);
          await send(name, 'GET', `${pathOf(route)}?${name}=${'%41'.repeat(3_000)}`, undefined);
        } else {
          const most = route.bodyHolds ? limits[route.bodyHolds] : limits.run;
          await sendSome(route, someOf(most));
        }
      }
      expectBounded();
    },
    TIMEOUT_MS,
  );

  it(
    'block it no longer in any field of any component',
    async () => {
      for (const spec of specs.toSorted(() => random() - 0.5).slice(0, COMPONENTS)) {
        const field = oneOf(spec.fields)?.name ?? 'code';
        const shape = oneOf(shapes);
        const name = `${spec.type}.${field} ${shape}`;
        const json = { type: 'application/json' };
        const node = (value: string): string =>
          `{"id":"n","type":"genericNode","data":{"id":"n","type":"${spec.type}","node":{"template":{"${field}":{"name":"${field}","value":${value}}}}}}`;
        const flow = `{"name":"n","data":{"nodes":[${node(heavy(shape, someOf(limits.flow)))}],"edges":[]}}`;
        if (random() < 0.5) await upload(name, '/api/v1/flows/upload/', flow);
        else await send(name, 'POST', '/api/v1/flows/', flow, json);
        const answers = Buffer.byteLength(flow);
        const read = random();
        if (read < 0.15) await send(name, 'GET', `/api/v1/flows/${ID}`, undefined, { answers });
        else if (read < 0.3)
          await send(name, 'POST', '/api/v1/flows/download/', `["${ID}"]`, { ...json, answers });
        const value = heavy(shape, someOf(limits.prompt));
        const template = `{"name":"template","template":"t {a}","frontend_node":{"template":{"${field}":{"value":${value}}}}}`;
        await send(name, 'POST', '/api/v1/validate/prompt', template, json);
        const tweaks = `{"tweaks":{"${oneOf(['n', spec.type])}":{"${field}":${heavy(shape, someOf(limits.run))}}}}`;
        await send(name, 'POST', '/api/v1/run/a-flow', tweaks, json);
      }
      expectBounded();
    },
    TIMEOUT_MS,
  );
});

it(
  'N47: headers that never end are given up, and others were served meanwhile',
  async () => {
    expect((await fetch(`${gateway.url}/api/v1/version`)).status).toBe(200);
    const answers = await slow.answers;
    expect(new Set(answers.map((text) => text.slice(0, 12)))).toEqual(new Set(['HTTP/1.1 408']));
  },
  TIMEOUT_MS,
);
