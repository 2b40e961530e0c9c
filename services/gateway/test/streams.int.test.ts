import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { cancelRun, causewayError, getRun, listRunEvents, runEventsRoute } from '@causeway/contracts';
import type { RunFrame } from '@causeway/contracts';
import { waitFor } from '@causeway/testing';
import fastify from 'fastify';
import { afterAll, describe, expect, it } from 'vitest';
import type { Call } from '../src/http/door/call.js';
import { BareStream } from '../src/http/stream/bare-stream.js';
import { CallerStream, Readers } from '../src/http/stream/caller-stream.js';
import { SharedFlows } from '../src/operations/shared-flows.js';
import { EventStream } from '../src/http/stream/event-stream.js';

const MEBIBYTE = 1024 ** 2;
const runId = '00000000-0000-4000-8000-00000000f00d';
const flow = { id: runId, projectId: runId };
const tenant = { organisationId: 'o', teamId: 't' };
const principal = { id: 'u', ...tenant, permissions: ['run:read'] };

/** Serves one request with `handler`, on a real socket; settles with the reply once the request has arrived. */
type Handler = (call: Call) => Promise<void> | void;
let handle: Handler = () => undefined;
const server = fastify({ forceCloseConnections: true });
server.get('/', async (request, reply) =>
  handle({ request, reply, principal, tenant, route: runEventsRoute } as unknown as Call),
);
const url = await server.listen({ port: 0, host: '127.0.0.1' });
afterAll(() => server.close());

/** Sends a request, and disconnects before the handler continues. */
async function leaveEarly(handler: Handler): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    handle = async (call) => {
      asked.destroy();
      await once(call.reply.raw, 'close');
      await Promise.resolve(handler(call)).then(resolve, reject);
    };
  });
  const asked = get(url).on('error', () => undefined);
  await done;
}

/** Requests the handler's stream, and reads nothing of it yet. */
async function ask(handler: Handler): Promise<IncomingMessage> {
  handle = handler;
  const [response] = (await once(get(url), 'response')) as [IncomingMessage];
  return response.on('error', () => undefined);
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const scheduler = (asked: string[], frames: readonly RunFrame[] = []) => ({
  subscribe: (_subject: unknown, _key: string, take: (frame: RunFrame) => void) => {
    for (const frame of frames) take(frame);
    return { unsubscribe: () => undefined };
  },
  request: async ({ subject }: { subject: string }) => {
    asked.push(subject);
    if (subject === listRunEvents.subject) return { status: 'running', items: [] };
    return subject === getRun.subject ? { id: runId, ...tenant } : {};
  },
});
/** Every caller may go on. */
const access = { findEnd: async () => undefined, note: () => undefined };
function bareStream({
  asked = [],
  frames = [],
  submit = () => undefined,
  result,
  mayGoOn = access,
}: {
  asked?: string[];
  frames?: readonly RunFrame[];
  submit?: () => unknown;
  result?: string;
  mayGoOn?: { findEnd: () => Promise<unknown>; note: () => unknown };
}) {
  const state = { runId, status: 'succeeded', finishedAt: null, result: { inline: '' } };
  const answer = result === undefined ? new Promise(() => undefined) : Promise.resolve(state);
  return new BareStream(
    scheduler(asked, frames) as never,
    { wait: () => ({ answer, stop: () => undefined }) } as never,
    { submit: async () => (await submit(), { runId, replayed: false, flow }) } as never,
    { load: async () => result } as never,
    mayGoOn as never,
  );
}
const run = { runId, input: {} } as never;

describe('Langflow’s stream', () => {
  it('contains messages, a node’s failure and the end, but not the result of each node', async () => {
    const message = { text_key: 'text', text: 'no' };
    const frames = (
      [
        ['add_message', {}],
        ['token', {}],
        ['end_vertex', {}],
        ['error', message],
        ['error', { error: 'no' }],
        ['end', {}],
      ] as const
    ).map(([event, data], index) => ({ runId, epoch: 1, n: index + 1, seq: 1, event, data }));
    const response = await ask((call) => bareStream({ frames, result: '{}' }).serve(call, run));
    const told = (await read(response)).trim().split('\n\n');
    expect(told.map((frame) => JSON.parse(frame) as object)).toMatchObject([
      { event: 'add_message' },
      { event: 'token' },
      { event: 'error', data: { text: 'no' } },
      { event: 'end', data: { result: {} } },
    ]);
  });
});

describe('a long answer', () => {
  const result = JSON.stringify('x'.repeat(17 * MEBIBYTE));

  it('reaches a reader who reads', async () => {
    const response = await ask((call) => bareStream({ result }).serve(call, run));
    expect(response.headers['x-causeway-run-id']).toBe(runId);
    const [frame] = (await read(response)).split('\n\n');
    expect(frame === `{"event":"end","data":{"result":${result}}}`).toBe(true);
  });

  it('reaches a reader who reads slowly, and what follows it', async () => {
    const response = await ask((call) => {
      const caller = new CallerStream(call.reply, {
        patientBytes: MEBIBYTE,
        patienceMs: 1_000,
        mostBytes: 64 * MEBIBYTE,
      });
      caller.open();
      caller.write(result);
      caller.write('after');
      caller.close();
    });
    let bytes = 0;
    for await (const chunk of response) {
      // In total this takes longer than a reader may pause.
      if (bytes % MEBIBYTE > (bytes + (chunk as Buffer).length) % MEBIBYTE) await pause(100);
      bytes += (chunk as Buffer).length;
    }
    expect(bytes).toBe(result.length + 'after'.length);
  });
});

describe('a reader who never reads', () => {
  const patience = { patientBytes: MEBIBYTE, patienceMs: 300, mostBytes: 8 * MEBIBYTE };

  it('is disconnected after a while, also when the answer has ended', async () => {
    let raw: Call['reply']['raw'] | undefined;
    const response = await ask((call) => {
      ({ raw } = call.reply);
      const caller = new CallerStream(call.reply, patience);
      caller.open();
      caller.write('x'.repeat(17 * MEBIBYTE));
      caller.close();
    });
    await waitFor(() => raw?.destroyed === true);
    response.destroy();
    expect(raw?.writableLength).toBeLessThan(MEBIBYTE);
  });

  it('is disconnected at once when too much waits', async () => {
    let written = 0;
    let raw: Call['reply']['raw'] | undefined;
    const response = await ask(async (call) => {
      ({ raw } = call.reply);
      const caller = new CallerStream(call.reply, { ...patience, patienceMs: 60_000 });
      caller.open();
      for (; !caller.hasLeft; written++) {
        caller.write('x'.repeat(MEBIBYTE));
        await pause(1);
      }
    });
    await waitFor(() => raw?.destroyed === true);
    response.destroy();
    // The sockets' own buffers hold more bytes in addition.
    expect(written).toBeLessThan(32);
  });
});

describe('readers who never read', () => {
  it('have a limit together, and those with the most waiting are disconnected first', async () => {
    const readers = new Readers(8 * MEBIBYTE);
    const patience = { patientBytes: MEBIBYTE, patienceMs: 60_000, mostBytes: 64 * MEBIBYTE, readers };
    const callers: CallerStream[] = [];
    const open = () =>
      ask((call) => {
        const caller = new CallerStream(call.reply, patience);
        caller.open();
        callers.push(caller);
      });
    const responses = [await open(), await open(), await open()];
    const [slow, slower, quiet] = callers as [CallerStream, CallerStream, CallerStream];
    quiet.write('a little');
    slow.write('x'.repeat(3 * MEBIBYTE));
    for (let n = 0; n < 20 && !slower.hasLeft; n++) slower.write('x'.repeat(MEBIBYTE));
    expect([slow.hasLeft, slower.hasLeft, quiet.hasLeft]).toEqual([false, true, false]);
    for (const response of responses) response.destroy();
  });
});

describe('a caller who may not go on', () => {
  it.each([
    [
      'because the key was revoked, gets the reason, and the run is cancelled',
      'KEY_INVALID',
      [cancelRun.subject],
    ],
    ['because auth is unreachable, gets the reason, and the run goes on', 'UNAVAILABLE', []],
  ] as const)('%s', async (_why, code, cancelled) => {
    const asked: string[] = [];
    const end = causewayError(code, { service: 'auth', retryAfterS: 1 });
    const noted: unknown[] = [];
    const mayGoOn = { findEnd: async () => end, note: (...told: unknown[]) => noted.push(...told) };
    const response = await ask((call) => bareStream({ asked, mayGoOn }).serve(call, run));
    const told = JSON.parse((await read(response)).trim()) as object;
    expect(told).toMatchObject({ event: 'error', data: { code, run_id: runId } });
    expect(asked).toEqual(cancelled);
    expect(noted).toMatchObject([{ code }, {}, runId]);
  });
});

describe('a caller who leaves early', () => {
  it('starts no run when the request was still being read', async () => {
    let submitted = 0;
    await leaveEarly((call) => bareStream({ submit: () => submitted++ }).serve(call, run));
    expect(submitted).toBe(0);
  });

  it('cancels the run that was being submitted', async () => {
    const asked: string[] = [];
    let raw: Call['reply']['raw'] | undefined;
    let done: Promise<void> | undefined;
    handle = (call) => {
      ({ raw } = call.reply);
      const submit = () => (request.destroy(), once(call.reply.raw, 'close'));
      return (done = bareStream({ asked, submit }).serve(call, run));
    };
    const request = get(url).on('error', () => undefined);
    await waitFor(() => raw?.destroyed === true);
    await done;
    expect(asked).toEqual([cancelRun.subject]);
  });

  it('ends the stream of a run’s events before anything more is read', async () => {
    const asked: string[] = [];
    const cache = { get: async () => undefined };
    const bus = scheduler(asked) as never;
    const shared = new SharedFlows(bus);
    const events = new EventStream(bus, cache as never, {} as never, access as never, shared);
    await leaveEarly((call) => events.serve(call, runId));
    expect(asked).toEqual([getRun.subject]);
  });
});
