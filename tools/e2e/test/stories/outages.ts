import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { submitRun } from '@causeway/contracts';
import type { Server, ServiceProcess } from '@causeway/stack';
import { waitFor } from '@causeway/testing';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { chatText } from '../support/api.js';
import { quiet, runSurely } from '../support/faults.js';
import { chatFlow } from '../support/flows.js';
import { type SentEvent, sentEvents } from '../support/frames.js';
import type { Stack } from '../support/stack.js';

const RUNS = 12;
const DELAY_MS = 400;
const TIMEOUT_MS = 300_000;
/** How long a gateway trusts a key while auth is unreachable, in these stories. */
export const KEY_CACHE_MS = 5_000;
/** A model that writes for much longer than that. */
const SLOWLY = { reply: { chunks: Array.from({ length: 120 }, (_, at) => `word${at} `), chunkDelayMs: 200 } };

/** Clients get their answers, from one run each, while a part of the platform is unreachable for a moment. */
export function outageStories(stack: Stack): void {
  const { api, causeway, provider, sql } = stack;

  /** Starts runs one after the other, causes an outage in the middle, and expects each run's answer, paid once. */
  const duringRuns = async (happen: () => Promise<void>): Promise<void> => {
    provider.setScript([{ reply: { delayMs: DELAY_MS } }]);
    const { id } = await api.importFlow(chatFlow());
    const asks = Array.from({ length: RUNS }, () => ({ key: randomUUID(), text: randomUUID() }));
    const since = provider.calls().at(-1)?.sequence ?? 0;
    const running = asks.map(async ({ key, text }, index) => {
      await pause(index * 100);
      return runSurely(api, id, { input_value: text }, key);
    });
    await pause((RUNS / 2) * 100);
    await happen();
    const answers = await Promise.all(running);
    provider.setScript([]);

    expect(answers.map((answer) => answer.status === 200 && chatText(answer))).toEqual(
      asks.map(({ text }) => `You said: Answer ${text}`),
    );
    const rows = await sql<{ key: string }>(
      `SELECT key FROM scheduler.idempotency JOIN scheduler.run r ON r.id = run_id WHERE substr(key, strpos(key, ' ') + 1) = ANY($1)`,
      [asks.map(({ key }) => key)],
    );
    expect(rows).toHaveLength(RUNS);
    // A caller who sends a request twice starts one run, and a run that was not killed pays once.
    expect(provider.calls(since)).toHaveLength(RUNS);
    await quiet(stack);
  };
  const service = (name: string): ServiceProcess => causeway.services.get(name) as ServiceProcess;
  const again = async (gone: ServiceProcess | Server): Promise<void> => {
    await gone.kill();
    await pause(300);
    await gone.start();
  };

  describe('runs get their answers, from one run each, when', () => {
    test('the scheduler is killed', { timeout: TIMEOUT_MS }, () =>
      duringRuns(() => again(service('scheduler'))),
    );

    test(
      'the gateway is killed, and clients repeat their requests with their keys',
      { timeout: TIMEOUT_MS },
      () => duringRuns(() => again(service('gateway'))),
    );

    test('the flow registry is killed', { timeout: TIMEOUT_MS }, () =>
      duringRuns(() => again(service('flow-registry'))),
    );

    test('the audit service is killed', { timeout: TIMEOUT_MS }, () =>
      duringRuns(() => again(service('audit'))),
    );

    test('the auth service is killed', { timeout: TIMEOUT_MS }, () =>
      duringRuns(() => again(service('auth'))),
    );

    test('nats-server is killed and started again', { timeout: TIMEOUT_MS }, () =>
      duringRuns(() => again(causeway.servers.nats)),
    );

    test('Postgres is killed and started again', { timeout: TIMEOUT_MS }, () =>
      duringRuns(() => again(causeway.servers.postgres)),
    );

    test('Redis is emptied, killed and started again', { timeout: TIMEOUT_MS }, () =>
      duringRuns(async () => {
        const redis = new Redis(causeway.servers.redis.url);
        await redis.flushall();
        redis.disconnect();
        await again(causeway.servers.redis);
      }),
    );
  });

  const saysUnavailable = async (server: Server): Promise<void> => {
    // First it waits until the effects of the previous outage are over.
    const { id } = await waitFor(() => api.importFlow(chatFlow()).catch(() => undefined), {
      what: 'an import',
    });
    await api.run(id, { input_value: 'x' });
    await server.kill();
    try {
      const codes: string[] = [];
      for (let asked = 0; asked < 3; asked++) {
        const startedMs = Date.now();
        const answer = await api.run(id, { input_value: 'x' });
        codes.push(`${answer.status} ${answer.json<{ code: string }>().code}`);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        // A busy machine needs longer, but never as long as a request that waits for its time-out.
        expect(Date.now() - startedMs).toBeLessThan(submitRun.timeoutMs);
      }
      // A run whose request was under way when the connection broke may have been accepted.
      expect(codes[0]).toMatch(/^(503 UNAVAILABLE|504 RUN_UNCONFIRMED)$/);
      expect(codes.slice(1)).toEqual(['503 UNAVAILABLE', '503 UNAVAILABLE']);
    } finally {
      await server.start();
    }
    const ask = async (): Promise<number> => (await api.run(id, { input_value: 'x' })).status;
    await expect.poll(ask, { interval: 200 }).toBe(200);
    await quiet(stack);
  };

  describe('the gateway says 503 with Retry-After', () => {
    test('before a request would time out while nats-server is unreachable', { timeout: TIMEOUT_MS }, () =>
      saysUnavailable(causeway.servers.nats),
    );

    test('before a request would time out while Postgres is unreachable', { timeout: TIMEOUT_MS }, () =>
      saysUnavailable(causeway.servers.postgres),
    );
  });

  test(
    'while auth is unreachable, whom a gateway remembers is served for a time, and streams end after it and continue later',
    { timeout: TIMEOUT_MS },
    async () => {
      const { id } = await waitFor(() => api.importFlow(chatFlow()).catch(() => undefined), {
        what: 'an import',
      });
      provider.setScript([SLOWLY]);
      const { runId = '' } = await api.run(id, { input_value: 'x' }, { prefer: 'respond-async' });
      const { api_key: stranger } = await api.ask<{ api_key: string }>('POST', '/api/v1/api_key', {
        body: { name: 'never used' },
      });
      const eventsPath = `/api/platform/v1/runs/${runId}/events`;
      const read = async (headers: Record<string, string>): Promise<SentEvent[]> => {
        const events: SentEvent[] = [];
        for await (const event of sentEvents(await api.open('GET', eventsPath, { headers })))
          events.push(event);
        return events;
      };
      const reading = read({});
      const status = async (by = api): Promise<number> => (await by.send('GET', '/api/v1/projects')).status;
      // Both gateways remember the key.
      await Promise.all(Array.from({ length: 20 }, () => status()));
      const auth = service('auth');
      await auth.kill();
      const killedMs = Date.now();
      try {
        expect(await status()).toBe(200);
        // The first question may have been on its way when auth died.
        expect(await status(api.as(stranger))).toBeOneOf([503, 504]);
        expect(await status(api.as(stranger))).toBe(503);
        const told = await reading;
        // What is trusted was verified before, so it may end a little earlier.
        expect(Date.now() - killedMs).toBeGreaterThan(KEY_CACHE_MS / 2);
        expect(told.at(-1)).toMatchObject({ event: 'closed', data: { code: 'UNAVAILABLE' } });
        expect(told.some(({ event }) => event === 'live.token')).toBe(true);
        await waitFor(async () => (await status()) === 503, { what: 'the key to be forgotten' });
        await auth.start();
        await waitFor(async () => (await status()) === 200, { what: 'auth' });
        const last = told.findLast((event) => event.id !== '')?.id ?? '';
        const rest = read({ 'last-event-id': last });
        await api.ask('POST', `/api/platform/v1/runs/${runId}/cancel`);
        expect((await rest).map(({ event }) => event)).toContain('run.cancelled');
        const audited = `/api/platform/v1/audit/events?action=request.refuse&object_id=${runId}`;
        await waitFor(
          async () =>
            (await api.ask<{ items: { code: string }[] }>('GET', audited)).items.some(
              ({ code }) => code === 'UNAVAILABLE',
            ),
          { what: 'the end of the stream in the audit log' },
        );
      } finally {
        provider.setScript([]);
        if (
          !(await waitFor(() => status().then((code) => code === 200), { timeoutMs: 1_000 }).catch(
            () => false,
          ))
        )
          await auth.start();
      }
      await quiet(stack);
    },
  );
}
