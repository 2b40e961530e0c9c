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
import type { Stack } from '../support/stack.js';

const RUNS = 12;
const DELAY_MS = 400;
const TIMEOUT_MS = 300_000;

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
}
