import { readFileSync } from 'node:fs';
import { routes } from '@causeway/contracts';
import type { Route } from '@causeway/contracts';
import { testNats, waitFor } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY, startNeighbours } from './neighbours.js';
import { startGateway } from './start-gateway.js';

const SEED = Number(process.env['CAUSEWAY_TEST_SEED'] ?? 20_261_128);
const BUDGET_MS = 25_000;
const MIB = 1024 ** 2;
/** What the process may spend on one request: all its threads, on a machine that may be busy. A second of the loop was what one body of 5 MB cost. */
const MOST_CPU_MS = 1_000;
const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
const gateway = await startGateway(nats.url, {
  ...neighbours.environment,
  CAUSEWAY_LOG_LEVEL: 'info',
});
afterAll(() => gateway.close());

/** Numbers that are the same for the same seed. Source: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const random = randomOf(SEED);
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** Values of about so many bytes that cost as much as possible, as JSON. */
const shapes: Record<string, (bytes: number) => string> = {
  text: (bytes) => JSON.stringify('x'.repeat(bytes)),
  braces: (bytes) => JSON.stringify('{a '.repeat(bytes / 3)),
  escapes: (bytes) => `"${'\\u0000'.repeat(bytes / 6)}"`,
  lists: (bytes) => `[${'[],'.repeat(bytes / 3)}[]]`,
  objects: (bytes) => `[${'{},'.repeat(bytes / 3)}{}]`,
  members: (bytes) => `{${Array.from({ length: bytes / 16 }, (_, at) => `"k${at}":{"a":1}`).join(',')}}`,
  numbers: (bytes) => `[${'1e5,'.repeat(bytes / 4)}1]`,
  deep: (bytes) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2),
  cut: (bytes) => `{"a":"${'x'.repeat(bytes)}`,
};
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

function bodyOf(bytes: number): string {
  const shape = shapes[oneOf(Object.keys(shapes))] as (bytes: number) => string;
  return random() < 0.2 ? shape(bytes) : `{"name":"n","template":"t","${oneOf(members)}":${shape(bytes)}}`;
}

/** Processor time and largest resident memory of the gateway, from the kernel: both count all its threads. */
function usage(): { cpuMs: number; bytes: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  return { cpuMs: (Number(stat[11]) + Number(stat[12])) * 10, bytes: kib * 1024 };
}
let pid = 0;

async function send(route: Route, body: string | undefined, query = ''): Promise<number> {
  const path = route.path.replace(/\{\w+\}/g, '00000000-0000-4000-8000-00000000abcd') + query;
  const headers = {
    'x-api-key': KEY,
    prefer: 'respond-async',
    'content-type': oneOf(['application/json', 'text/plain', 'multipart/form-data; boundary=b']),
  };
  const response = await fetch(gateway.url + path, {
    method: route.method,
    headers,
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  // No answer to a refusal grows with what was sent.
  if (response.status >= 400) expect(text.length).toBeLessThan(64 * 1024);
  return response.status;
}

describe('requests that are large, deep or long', () => {
  const written = routes.filter((route) => route.body || route.bodyKind !== 'json');
  const read = routes.filter(
    (route) => route.method === 'GET' && route.query && !route.path.includes('logs'),
  );

  it(`cost every route a bounded time and memory (seed ${SEED})`, { timeout: 120_000 }, async () => {
    const isNamed = (line: string): boolean => line.includes('process.pid');
    await waitFor(() => gateway.lines.some(isNamed));
    const line = JSON.parse(gateway.lines.find(isNamed) ?? '{}') as Record<string, unknown>;
    pid = Number(line['process.pid']);
    const endMs = Date.now() + BUDGET_MS;
    const worst: { what: string; cpuMs: number }[] = [];
    let sent = 0;
    const before = usage();
    // What is small is cheap, whatever came before: the first requests load code.
    for (const route of written) await send(route, bodyOf(1_000));
    while (Date.now() < endMs) {
      const route = oneOf(random() < 0.85 ? written : read);
      const isRead = route.method === 'GET';
      const bytes = Math.floor(4.9 * MIB * (0.2 + 0.8 * random()));
      const body = isRead ? undefined : bodyOf(bytes);
      const query = isRead
        ? `?${oneOf(['search', 'session_id', 'action', 'page', 'after'])}=${'%41'.repeat(3_000)}`
        : '';
      const from = usage();
      const status = await send(route, body, query);
      const cpuMs = usage().cpuMs - from.cpuMs;
      sent++;
      worst.push({
        what: `${route.method} ${route.path} ${status} ${body?.slice(0, 60) ?? query.slice(0, 60)}`,
        cpuMs,
      });
      if (status >= 500) expect({ what: worst.at(-1)?.what, status }).toMatchObject({ status: 503 });
    }
    worst.sort((one, other) => other.cpuMs - one.cpuMs);
    console.log(
      `${sent} requests; dearest: ${JSON.stringify(worst.slice(0, 3))}; memory +${Math.round((usage().bytes - before.bytes) / MIB)} MiB`,
    );
    expect(worst[0]?.cpuMs).toBeLessThan(MOST_CPU_MS);
    expect(usage().bytes - before.bytes).toBeLessThan(400 * MIB);
  });
});
