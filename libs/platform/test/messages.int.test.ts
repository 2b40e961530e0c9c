import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from '@causeway/contracts';
import { testNats, testPostgres, waitFor } from '@causeway/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect, headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Bus, newId, type RunningService, withContext } from '#platform';
import { testToken } from '#testing';
import { hangText, noteText, noted, sayText } from './echo/contracts.js';
import { type EchoDatabase, createEchoDatabase } from './echo-database.js';
import { startBus } from './embedded-bus.js';
import { type Program, buildPrograms, startProgram } from './programs.js';

const nats = await testNats();
const postgresUrl = await testPostgres();
const shared = {
  CAUSEWAY_OBJECT_STORE: mkdtempSync(join(tmpdir(), 'causeway-messages-')),
  CAUSEWAY_MASTER_KEY: randomBytes(32).toString('base64'),
};
const tenant = { organisationId: newId(), teamId: newId() };

let database: EchoDatabase;
let echo: Program;
let service: RunningService;
let bus: Bus;
let raw: NatsConnection;
/** Options of a raw request in the name of a service that may send it. */
const signed = async () => {
  const marked = headers();
  marked.append('Causeway-Sender', await testToken(sayText, {}));
  return { timeout: 60_000, headers: marked };
};

function startEcho(more: Record<string, string> = {}): Program {
  return startProgram('echo/main', {
    CAUSEWAY_NATS_URL: nats.url,
    CAUSEWAY_DATABASE_URL: database.url,
    CAUSEWAY_ECHO_NAME: 'echo',
    CAUSEWAY_DRAIN_TIMEOUT_MS: '1000',
    ...shared,
    ...more,
  });
}

/** How many messages the doorbell's stream still holds. */
async function waitingDoorbells(): Promise<number> {
  const manager = await jetstreamManager(raw);
  return (await manager.streams.info('CMD_ECHO')).state.messages;
}

beforeAll(async () => {
  buildPrograms();
  database = await createEchoDatabase(postgresUrl);
  ({ bus, service } = await startBus(nats.url, shared));
  const { host, username, password } = new URL(nats.url);
  raw = await connect({ servers: host, user: username, pass: password });
  echo = startEcho();
  await echo.ready();
});

afterAll(async () => {
  await echo.stop();
  await service.drain('the test is over');
  await raw.close();
  await database.drop();
  rmSync(shared.CAUSEWAY_OBJECT_STORE, { recursive: true, force: true });
});

describe('a request', () => {
  test('is answered by its handler, in the context of its sender', async () => {
    const requestId = newId();
    const reply = await withContext({ requestId }, () =>
      bus.request(sayText, { text: 'hé \ud83c\udf0a \0' }),
    );
    expect(reply).toEqual({ text: 'hé \ud83c\udf0a \0', pid: echo.pid, requestId });
  });

  test('keeps a lone surrogate', async () => {
    expect((await bus.request(sayText, { text: 'a\ud800b' })).text).toBe('a\ud800b');
  });

  test('returns the handler’s error with code, message and details', async () => {
    const asked = bus.request(sayText, { text: 'chat', mode: 'refuse' });
    await expect(asked).rejects.toMatchObject({
      name: 'CausewayError',
      code: 'FLOW_UNKNOWN',
      message: 'Flow identifier chat not found',
      details: { flow: 'chat' },
    });
  });

  test('shows only the request id of an unexpected error, and logs the rest', async () => {
    const requestId = newId();
    const asked = withContext({ requestId }, () => bus.request(sayText, { text: '4711', mode: 'crash' }));
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INTERNAL', details: { requestId } });
    expect(JSON.stringify(error) + String(error)).not.toContain('4711');
    const line = await waitFor(() =>
      echo.lines.find(
        (each) => each.message === 'request failed' && JSON.stringify(each).includes(requestId),
      ),
    );
    expect(line).toMatchObject({ 'log.level': 'error', 'error.type': 'TypeError', labels: { requestId } });
    expect(line['error.stack_trace']).toContain('4711');
  });

  test('that are refused alike fill no log: a few have a line, the others are counted', async () => {
    const refuse = (): Promise<unknown> =>
      bus.request(sayText, { text: 'flood', mode: 'refuse' }).catch(() => {});
    for (let n = 0; n < 60; n++) await refuse();
    const alike = (message: string) =>
      echo.lines.filter((line) => line.message === message && JSON.stringify(line).includes(sayText.subject));
    const counted = await waitFor(() => alike('requests refused').at(-1), { what: 'the count' });
    expect(counted).toMatchObject({ labels: { code: 'FLOW_UNKNOWN', subject: sayText.subject } });
    const count = (counted['labels'] as { count: number }).count;
    expect(count).toBeGreaterThanOrEqual(55);
    expect(
      alike('request refused').filter((line) => line['error.code'] === 'FLOW_UNKNOWN').length,
    ).toBeLessThanOrEqual(5);
  });

  test('with a bad input is refused with every problem by its path', async () => {
    const bad = { text: 7, mode: 'sing' } as unknown as { text: string };
    const error = await bus.request(sayText, bad).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REQUEST_INVALID' });
    expect((error as Error).message).toMatch(/^text: .*; mode: /);
  });

  test('whose body is not JSON is refused', async () => {
    const reply = await raw.request(sayText.subject, 'not json', await signed());
    expect(reply.headers?.get('Causeway-Error')).toBe('REQUEST_NOT_JSON');
    expect(reply.json()).toMatchObject({ code: 'REQUEST_NOT_JSON' });
  });

  test('whose texts were passed in a format that the receiver does not know is refused', async () => {
    const options = await signed();
    options.headers.append('Causeway-Passed', '00000000-0000-4000-8000-000000000000');
    const reply = await raw.request(sayText.subject, '', options);
    expect(reply.json()).toMatchObject({ code: 'REQUEST_NOT_JSON' });
  });

  test('that nobody has signed is refused, and the log says so', async () => {
    const reply = await raw.request(sayText.subject, '{"text":"x"}', { timeout: 60_000 });
    expect(reply.json()).toMatchObject({ code: 'SENDER_REFUSED' });
    const line = await waitFor(() => echo.lines.find((each) => each['error.code'] === 'SENDER_REFUSED'));
    expect(line).toMatchObject({ 'log.level': 'error' });
  });

  test('that no process handles fails with UNAVAILABLE at once', async () => {
    const nobody = request('req.nobody.text.say.v1', { input: z.object({}), reply: z.object({}) });
    // A request that waited for its time-out would fail with TIMED_OUT.
    await expect(bus.request(nobody, {})).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { service: 'nobody' },
    });
  });

  test('that is not answered in time fails with TIMED_OUT', async () => {
    const asked = bus.request(sayText, { text: '', mode: 'wait', waitMs: 500 }, { timeoutMs: 100 });
    await expect(asked).rejects.toMatchObject({
      code: 'TIMED_OUT',
      details: { service: 'echo', timeoutMs: 100 },
    });
  });

  test('can be aborted', async () => {
    const abort = new AbortController();
    const asked = bus.request(sayText, { text: '', mode: 'wait', waitMs: 500 }, { signal: abort.signal });
    abort.abort(new Error('the caller left'));
    await expect(asked).rejects.toThrow('the caller left');
  });

  test('too long for NATS is passed through the object store, as its reply is, and leaves nothing there', async () => {
    const text = `hé \ud800 ${'x'.repeat(3_000_000)}`;
    const patient = { timeoutMs: 30_000 };
    expect((await bus.request(sayText, { text }, patient)).text).toBe(text);
    expect((await bus.request(sayText, { text: 'é', mode: 'big' }, patient)).text).toBe(
      'é'.repeat(2_000_000),
    );
    await waitFor(() => readdirSync(join(shared.CAUSEWAY_OBJECT_STORE, 'passing')).length === 0);
  });

  test('beyond the limit of passed texts is refused, and the error names the limit; so is its reply', async () => {
    const limit = {
      code: 'PAYLOAD_TOO_LARGE',
      details: { limitName: 'of a message between services', limitBytes: 64 * 1024 * 1024 },
    };
    const text = 'x'.repeat(65 * 1024 * 1024);
    await expect(bus.request(sayText, { text })).rejects.toMatchObject(limit);
    const reply = bus.request(sayText, { text: 'x'.repeat(34), mode: 'big' }, { timeoutMs: 30_000 });
    await expect(reply).rejects.toMatchObject(limit);
    await expect(reply).rejects.toThrow(
      /^The reply to req\.echo\.text\.say\.v1 has more than 67108864 bytes, the limit /,
    );
  });

  test('is shared by the instances of a service', async () => {
    const second = startEcho();
    await second.ready();
    const replies = await Promise.all(Array.from({ length: 50 }, () => bus.request(sayText, { text: '' })));
    expect(new Set(replies.map(({ pid }) => pid))).toEqual(new Set([echo.pid, second.pid]));
    expect(await second.stop()).toBe(0);
    expect((await bus.request(sayText, { text: '' })).pid).toBe(echo.pid);
  });
});

describe('a doorbell', () => {
  test('is handled once, and its handler’s broadcast is received by key', async () => {
    const text = newId();
    const heard: unknown[] = [];
    const subscription = bus.subscribe(noted, text, (input, key) => void heard.push({ input, key }));
    const all = bus.subscribe(noted, '*', (input) => void heard.push(input));
    await bus.ring(noteText, { ...tenant, text }, { messageId: text });
    await bus.ring(noteText, { ...tenant, text }, { messageId: text });
    await waitFor(() => heard.length === 2);
    expect(heard).toContainEqual({ input: { text }, key: text });
    expect(heard).toContainEqual({ text });
    subscription.unsubscribe();
    all.unsubscribe();
    expect(await database.query('select team from note where text = $1', [text])).toEqual([
      { team: tenant.teamId },
    ]);
    await waitFor(async () => (await waitingDoorbells()) === 0);
  });

  test('that fails temporarily is delivered again, and dropped after its last delivery', async () => {
    const text = newId();
    await bus.ring(noteText, { ...tenant, text, mode: 'later' }, { messageId: text });
    const dropped = await waitFor(() => droppedLine(text));
    expect(dropped['labels']).toMatchObject({ reason: 'exhausted', deliveries: 3 });
    expect(takenOf(text)).toEqual([1, 2, 3]);
    await waitFor(async () => (await waitingDoorbells()) === 0);
  });

  test('that fails for good is dropped at once', async () => {
    const text = newId();
    await bus.ring(noteText, { ...tenant, text, mode: 'never' }, { messageId: text });
    expect((await waitFor(() => droppedLine(text)))['labels']).toMatchObject({
      reason: 'refused',
      deliveries: 1,
    });
    expect(takenOf(text)).toEqual([1]);
    await waitFor(async () => (await waitingDoorbells()) === 0);
  });

  test('that does not parse is dropped, logged and counted', async () => {
    raw.publish(noteText.subject, '{"text":1}');
    raw.publish(noteText.subject, 'poison');
    const poison = await waitFor(() => {
      const found = echo.lines.filter(
        (line) => (line['labels'] as { reason?: string } | undefined)?.reason === 'poison',
      );
      return found.length === 2 && found;
    });
    expect(poison.map((line) => line['error.code'])).toEqual(['REQUEST_INVALID', 'REQUEST_NOT_JSON']);
    const { text } = await echo.internal('/metrics');
    expect(text).toMatch(
      /causeway_dead_letters_total\{service="echo",queue="cmd.echo.text.note.v1",reason="poison"\} 2/,
    );
    await waitFor(async () => (await waitingDoorbells()) === 0);
  });

  test('whose handler never answers is deleted after too many deliveries', async () => {
    const text = newId();
    await bus.ring(hangText, { ...tenant, text }, { messageId: text });
    const taken = () => takenOf(text, 'hang taken');
    await waitFor(async () => (await waitingDoorbells()) === 0 && taken().length === 3);
    expect(taken()).toEqual([1, 2, 3]);
  });

  test('that is too large for NATS is refused with the limit’s name', async () => {
    const rung = bus.ring(noteText, { ...tenant, text: 'x'.repeat(2_000_000) }, { messageId: newId() });
    await expect(rung).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      details: { limitName: 'max_payload of NATS', limitBytes: 1024 * 1024 },
    });
  });

  test('that is not awaited may fail without harm', async () => {
    await nats.stop();
    void bus.ring(noteText, { ...tenant, text: 'lost' }, { messageId: newId() });
    await expect(
      bus.ring(noteText, { ...tenant, text: 'lost' }, { messageId: newId() }),
    ).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await nats.start();
    await waitFor(async () => (await bus.request(sayText, { text: 'back' })).text === 'back');
  });
});

function droppedLine(messageId: string) {
  return echo.lines.find((line) => {
    const labels = line['labels'] as { messageId?: string } | undefined;
    return line.message === 'doorbell dropped' && labels?.messageId === messageId;
  });
}

/** The numbers of the deliveries in which a text was received. */
function takenOf(text: string, message = 'note taken'): number[] {
  return echo.lines
    .filter((line) => line.message === message)
    .map((line) => line['labels'] as { text: string; deliveries: number })
    .filter((labels) => labels.text === text)
    .map(({ deliveries }) => deliveries);
}

test('when NATS is frozen, requests fail before their time is over, and work again afterwards', async () => {
  await nats.freeze();
  try {
    await expect(bus.request(sayText, { text: '' }, { timeoutMs: 12_000 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  } finally {
    await nats.thaw();
  }
  await waitFor(async () => (await bus.request(sayText, { text: 'back' })).text === 'back');
});

describe('when NATS is killed and comes back', () => {
  test('requests fail long before their time-out, and later everything works again by itself', async () => {
    const waiting = bus.request(sayText, { text: '', mode: 'wait', waitMs: 60_000 }, { timeoutMs: 60_000 });
    waiting.catch(() => {});
    await waitFor(async () =>
      /messages_in_flight\{service="echo"\} [1-9]/.test((await echo.internal('/metrics')).text),
    );
    await nats.kill();
    // A request that waited for its time-out would fail with TIMED_OUT.
    await expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(bus.request(sayText, { text: '' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    // Only for a moment after the connection broke do requests wait for it, so what needs several of them fails as soon.
    const began = performance.now();
    for (let n = 0; n < 20; n++)
      await expect(bus.request(sayText, { text: '' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(JSON.parse((await echo.internal('/ready')).text)).toMatchObject({
      checks: { bus: 'NATS is not connected' },
    });

    await nats.start();
    await waitFor(async () => (await bus.request(sayText, { text: 'back' })).text === 'back');
    const text = newId();
    await waitFor(() => bus.ring(noteText, { ...tenant, text }, { messageId: text }).then(() => true));
    await waitFor(
      async () => (await database.query('select 1 from note where text = $1', [text])).length === 1,
    );
    expect((await echo.internal('/ready')).status).toBe(200);
  });

  test('a stream that was lost with its server is created again', async () => {
    // A request that is sent while the connection is made again gets no answer, so each is tried again after a second.
    const manager = await waitFor(() => jetstreamManager(raw, { timeout: 1_000 }));
    await waitFor(() =>
      manager.streams.delete('CMD_ECHO').catch((error: Error) => error.message.includes('stream not found')),
    );
    const text = newId();
    // On a busy machine the new stream may take longer than one attempt waits.
    await waitFor(() => bus.ring(noteText, { ...tenant, text }, { messageId: text }).then(() => true));
    await waitFor(
      async () => (await database.query('select 1 from note where text = $1', [text])).length === 1,
    );
    // The log line may arrive after the row.
    await waitFor(() => takenOf(text).length > 0);
    expect(takenOf(text)).toHaveLength(1);
  });
});
