import { claimRun, getCapacity, getExecutionStates, stopExecution, submitRun } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles, runService } from '@causeway/platform';
import { bootService } from '@causeway/platform/testing';
import { testDatabase, testNats, waitFor } from '@causeway/testing';
import { Controller, Module } from '@nestjs/common';
import { Client } from 'pg';
import { afterAll, expect, it } from 'vitest';
import { aRequest } from './a-submission.js';
import { startRegistry } from './registry.js';

const rung: string[] = [];
const asked: string[] = [];
const stopped: InputOf<typeof stopExecution>[] = [];

/** Executors that live, and claim nothing. */
@Controller()
class Executor {
  @Handles(claimRun)
  async claim({ runId }: InputOf<typeof claimRun>): Promise<void> {
    rung.push(runId);
  }

  @Handles(getExecutionStates)
  states({ runIds }: InputOf<typeof getExecutionStates>): ReplyOf<typeof getExecutionStates> {
    asked.push(...runIds);
    return { states: runIds.map((runId) => ({ runId, status: 'unknown', finishedAt: null })) };
  }

  @Handles(getCapacity)
  capacity(): ReplyOf<typeof getCapacity> {
    return { runs: 4 };
  }

  @Handles(stopExecution)
  stop(input: InputOf<typeof stopExecution>): ReplyOf<typeof stopExecution> {
    stopped.push(input);
    return { status: 'timed_out', requested: true };
  }
}

@Module({ controllers: [Executor] })
class ExecutorModule {}

const database = await testDatabase({ services: ['scheduler'] });
const nats = await testNats();
await startRegistry(nats.url);
const executor = await runService({
  name: 'executor',
  settings: {},
  module: async () => ExecutorModule,
  environment: { CAUSEWAY_NATS_URL: nats.url, CAUSEWAY_LOG_LEVEL: 'silent' },
  embedded: true,
});
const scheduler = await bootService(new URL('../dist/main.js', import.meta.url), {
  CAUSEWAY_NATS_URL: nats.url,
  CAUSEWAY_DATABASE_URL: database.urls['scheduler'] as string,
  CAUSEWAY_RECONCILE_MS: '200',
});
const admin = new Client({ connectionString: database.adminUrl, options: '-c search_path=scheduler' });
await admin.connect();
afterAll(async () => {
  await scheduler.close();
  await executor.drain('test over');
  await admin.end();
});

/** Lets the reconciler ask about a run as if five seconds had gone by; settles when it has. */
async function reconcile(runId: string): Promise<void> {
  const before = asked.length;
  await admin.query(`UPDATE run SET asked_at = now() - interval '6 s' WHERE id = $1`, [runId]);
  await waitFor(() => asked.length > before);
}
/** Long enough for a doorbell to arrive that should not. */
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

it('a run that nobody claims is rung for again at once, then less often, and ends when its time in the queue is over', async () => {
  const request = aRequest();
  const { runId } = request;
  await scheduler.bus.request(submitRun, request);
  await waitFor(() => rung.length === 1);
  await reconcile(runId);
  await waitFor(() => rung.length === 2);
  await reconcile(runId);
  await quiet();
  expect(rung).toEqual([runId, runId]);

  expect(stopped).toEqual([]);
  await admin.query(`UPDATE run SET queue_expires_at = now() - interval '1 s' WHERE id = $1`, [runId]);
  await reconcile(runId);
  await waitFor(() => stopped.length === 1);
  expect(stopped[0]).toMatchObject({ envelope: { runId }, status: 'timed_out' });
});
