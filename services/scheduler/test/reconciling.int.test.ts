import { randomUUID } from 'node:crypto';
import {
  causewayError,
  claimRun,
  endTeamRuns,
  getCapacity,
  getExecutionStates,
  runnerReady,
  stopExecution,
  submitRun,
} from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles, runService } from '@causeway/platform';
import { bootService, testKeys } from '@causeway/platform/testing';
import { testDatabase, testNats, waitFor } from '@causeway/testing';
import { Controller, Module } from '@nestjs/common';
import { Client } from 'pg';
import { afterAll, expect, it } from 'vitest';
import { aRequest } from './a-submission.js';
import { startRegistry } from './registry.js';

const rung: string[] = [];
const asked: string[] = [];
const stopped: InputOf<typeof stopExecution>[] = [];
let stop: () => Promise<void> = async () => {};
/** How long executors take to answer with the states of runs. */
let answerMs = 0;

/** Executors that answer but claim no run. */
@Controller()
class Executor {
  @Handles(claimRun)
  async claim({ runId }: InputOf<typeof claimRun>): Promise<void> {
    rung.push(runId);
  }

  @Handles(getExecutionStates)
  async states({ runIds }: InputOf<typeof getExecutionStates>): Promise<ReplyOf<typeof getExecutionStates>> {
    asked.push(...runIds);
    await new Promise((resolve) => setTimeout(resolve, answerMs));
    return { states: runIds.map((runId) => ({ runId, status: 'unknown', finishedAt: null })) };
  }

  @Handles(getCapacity)
  capacity(): ReplyOf<typeof getCapacity> {
    return { runs: 100 };
  }

  @Handles(stopExecution)
  async stop(input: InputOf<typeof stopExecution>): Promise<ReplyOf<typeof stopExecution>> {
    stopped.push(input);
    await stop();
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
  environment: { ...testKeys, CAUSEWAY_NATS_URL: nats.url, CAUSEWAY_LOG_LEVEL: 'silent' },
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

/** Makes the reconciler ask about a run as if five seconds had passed, and waits until it has asked. */
async function reconcile(runId: string): Promise<void> {
  const before = asked.length;
  await admin.query(`UPDATE run SET asked_at = now() - interval '6 s' WHERE id = $1`, [runId]);
  await waitFor(() => asked.length > before);
}
/** Waits long enough for an unwanted doorbell to arrive. */
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));
const rings = (runId: string): number => rung.filter((id) => id === runId).length;
/** Closes all released runs, so that the next test starts without any. */
const closeAll = () =>
  admin.query(`UPDATE run SET status = 'succeeded', finished_at = now() WHERE status = 'released'`);
/** Sets the release of a run to this many seconds ago. */
const handedOver = (runId: string, s: number) =>
  admin.query(`UPDATE run SET released_at = clock_timestamp() - make_interval(secs => $2) WHERE id = $1`, [
    runId,
    s,
  ]);

it('the doorbell of an unclaimed run is rung again within a few seconds', async () => {
  const request = aRequest();
  const { runId } = request;
  await scheduler.bus.request(submitRun, request);
  await waitFor(() => rings(runId) === 1);
  await waitFor(() => rings(runId) === 2);
  const { rows } = await admin.query(
    `SELECT asked_at - released_at > interval '1 s' AS "isLater" FROM run WHERE id = $1`,
    [runId],
  );
  expect(rows).toEqual([{ isLater: true }]);
  await closeAll();
});

it('each time a runner is ready, the doorbells of unclaimed runs are rung again', async () => {
  const request = aRequest();
  const { runId } = request;
  await scheduler.bus.request(submitRun, request);
  await waitFor(() => rings(runId) === 1);
  // The reconciler does not ask about the run meanwhile.
  await admin.query(
    `UPDATE run SET asked_at = clock_timestamp() - interval '1 s', released_at = '2026-01-01'`,
  );
  for (const expected of [2, 3]) {
    scheduler.bus.publish(runnerReady, { runnerId: randomUUID() });
    await waitFor(() => rings(runId) === expected);
    await admin.query(`UPDATE run SET asked_at = clock_timestamp() - interval '1 s'`);
  }
  expect(rings(runId)).toBe(3);
  await closeAll();
});

it('one pass asks about each run once, also when a full page is due again before it is answered', async () => {
  const request = aRequest();
  const { runId } = request;
  await scheduler.bus.request(submitRun, request);
  await waitFor(() => rings(runId) === 1);
  // A full page of runs, each due again 250 ms after it was asked about.
  await admin.query(
    `INSERT INTO run (id, organisation_id, team_id, project_id, flow_id, version_hash, status, trigger, principal_id, envelope,
                      released_at, asked_at, queue_expires_at)
     SELECT copy.id, organisation_id, team_id, project_id, flow_id, version_hash, status, trigger, principal_id,
            replace(envelope, $1, copy.id::text), now(), now(), queue_expires_at
     FROM run CROSS JOIN (SELECT gen_random_uuid() AS id FROM generate_series(1, 499)) copy WHERE run.id = $1::uuid`,
    [runId],
  );
  answerMs = 400;
  asked.length = 0;
  await admin.query(`UPDATE run SET asked_at = clock_timestamp() - interval '1 s' WHERE status = 'released'`);
  // The second runner's pass starts when the pass of the first one has ended.
  for (const runnerId of [randomUUID(), randomUUID()]) scheduler.bus.publish(runnerReady, { runnerId });
  await waitFor(() => rings(runId) === 3);
  expect(asked.filter((id) => id === runId)).toHaveLength(2);
  answerMs = 0;
  await closeAll();
});

it('late runs are ended at the same time, and when executors are unreachable the next round tries again', async () => {
  const requests = Array.from({ length: 60 }, () => aRequest());
  await Promise.all(requests.map((request) => scheduler.bus.request(submitRun, request)));
  const before = stopped.length;
  let underWay = 0;
  let most = 0;
  const full = Promise.withResolvers<void>();
  stop = async () => {
    most = Math.max(most, ++underWay);
    if (most === 20) full.resolve();
    await full.promise;
    // Long enough for one more to arrive that should not.
    await quiet();
    underWay--;
    throw causewayError('UNAVAILABLE', { service: 'Postgres', retryAfterS: 1 });
  };
  await admin.query(
    `UPDATE run SET queue_expires_at = now() - interval '1 s', asked_at = now() - interval '6 s' WHERE status = 'released'`,
  );
  await waitFor(() => stopped.length > before && underWay === 0);
  await quiet();
  // The other runs wait for the next round, so that a failing request is not sent 60 times.
  expect(stopped.length - before).toBe(20);
  expect(most).toBe(20);
  stop = async () => {};
  await closeAll();
  stopped.length = 0;
});

it('the doorbell of a run that waits for a free executor is rung less often, and the run ends when its time in the queue is over', async () => {
  const request = aRequest();
  const { runId } = request;
  await scheduler.bus.request(submitRun, request);
  await waitFor(() => rings(runId) === 1);
  // The middle of a half minute, so that the name of the ring does not change during the test.
  await handedOver(runId, 40);
  await reconcile(runId);
  await waitFor(() => rings(runId) === 2);
  await reconcile(runId);
  await quiet();
  expect(rings(runId)).toBe(2);

  expect(stopped).toEqual([]);
  await admin.query(`UPDATE run SET queue_expires_at = now() - interval '1 s' WHERE id = $1`, [runId]);
  await reconcile(runId);
  await waitFor(() => stopped.length === 1);
  expect(stopped[0]).toMatchObject({ envelope: { runId }, status: 'timed_out' });
});

it('a released run of a deleted team is stopped, and asked about again until it has ended', async () => {
  await closeAll();
  const request = aRequest({ teamId: randomUUID() });
  const { runId } = request;
  const kept = aRequest();
  for (const one of [request, kept]) await scheduler.bus.request(submitRun, one);
  const { tenant } = request.caller;
  await scheduler.bus.request(endTeamRuns, { items: [{ id: randomUUID(), payload: tenant }] });
  const stops = () => stopped.filter(({ envelope }) => envelope.runId === runId);
  await waitFor(() => stops().length >= 2);
  expect(stops()[0]?.envelope.principal).toMatchObject({
    kind: 'system',
    id: 'scheduler',
    teamId: tenant.teamId,
  });
  expect(stopped.map(({ envelope }) => envelope.runId)).not.toContain(kept.runId);
  await closeAll();
});
