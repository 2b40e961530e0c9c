import { randomUUID } from 'node:crypto';
import {
  DEFAULT_ORGANISATION_ID,
  DEFAULT_TEAM_ID,
  cancelRun,
  endTeamRuns,
  findOldestRun,
  findPinned,
  getRun,
  reportRuns,
  submitRun,
} from '@causeway/contracts';
import type { AuditEvent, ReplyOf, RunEnvelope } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { bootService } from '@causeway/platform/testing';
import { testDatabase, testNats, waitFor } from '@causeway/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aRequest, anEnvelope } from './a-submission.js';
import { flows, startRegistry } from './registry.js';

const database = await testDatabase({ services: ['scheduler'] });
const nats = await testNats();
await startRegistry(nats.url);
const settings = {
  CAUSEWAY_NATS_URL: nats.url,
  CAUSEWAY_DATABASE_URL: database.urls['scheduler'] as string,
  CAUSEWAY_SYSTEM_SLOTS: '3',
  CAUSEWAY_TEAM_QUEUE: '5',
  CAUSEWAY_SYSTEM_QUEUE: '8',
  CAUSEWAY_RECONCILE_MS: '200',
};
const main = new URL('../dist/main.js', import.meta.url);
const [one, two] = await Promise.all([bootService(main, settings), bootService(main, settings)]);
const { bus } = one;
const admin = new Client({ connectionString: database.adminUrl, options: '-c search_path=scheduler' });
const watcher = new Client({ connectionString: database.adminUrl });
await Promise.all([admin.connect(), watcher.connect()]);
afterAll(async () => {
  await Promise.all([one.close(), two.close()]);
  await Promise.all([admin.end(), watcher.end()]);
});

const OTHER_TEAM = '00000000-0000-4000-8000-0000000000aa';
const OTHER_FLOW = '00000000-0000-4000-8000-0000000000f4';
const THIRD_TEAM = '00000000-0000-4000-8000-0000000000ab';

beforeEach(async () => {
  // The reconcilers set the capacity once they have started.
  await waitFor(async () => {
    const { rows } = await admin.query<{ capacity: number }>(
      `SELECT capacity FROM slot WHERE scope = 'system'`,
    );
    return rows[0]?.capacity === 3;
  });
  for (const table of ['run', 'idempotency', 'lane', 'ended_team', 'outbox'])
    await admin.query(`DELETE FROM ${table}`);
  // As in every change of slots, the system's row is locked first. Another order could cause a deadlock with the schedulers.
  await admin.query(
    `BEGIN; SELECT FROM slot WHERE scope = 'system' FOR UPDATE; UPDATE slot SET held = 0, waiting = 0; COMMIT`,
  );
});

function submit(
  over: Partial<RunEnvelope> = {},
  key?: string,
  hash = 'h',
): Promise<ReplyOf<typeof submitRun>> {
  return bus.request(submitRun, {
    ...aRequest({ flowId: over.teamId ?? DEFAULT_TEAM_ID, ...over }),
    ...(key !== undefined && { idempotencyKey: key, inputHash: hash }),
  });
}

async function submitMany(count: number, over: Partial<RunEnvelope> = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push((await submit(over)).runId);
  return ids;
}

/** Reports the end of runs as an executor does. */
async function report(runIds: readonly string[]): Promise<void> {
  const items = runIds.map((runId) => ({
    id: randomUUID(),
    payload: { runId, status: 'succeeded' as const, at: new Date().toISOString() },
  }));
  await bus.request(reportRuns, { items });
}

async function released(): Promise<string[]> {
  const { rows } = await admin.query<{ id: string }>(
    `SELECT id FROM run WHERE status = 'released' ORDER BY released_at`,
  );
  return rows.map(({ id }) => id);
}

describe('two schedulers on one queue', () => {
  it('release waiting runs, oldest first, as runs end', async () => {
    const ids = await submitMany(6);
    expect(new Set(await released())).toEqual(new Set(ids.slice(0, 3)));
    await report([ids[1] as string]);
    await waitFor(async () => (await released()).includes(ids[3] as string));
    expect(await released()).toHaveLength(3);
    // Sending the same report again does not free a second slot.
    await report([ids[1] as string]);
    await report([ids[0] as string]);
    await waitFor(async () => (await released()).includes(ids[4] as string));
    expect(await released()).toHaveLength(3);
  });

  it('never exceed a limit when many runs are submitted and end at the same time', async () => {
    const waves = Array.from({ length: 8 }, (_, wave) => wave);
    await Promise.all(
      waves.map(async (wave) => {
        const { runId } = await submit({ teamId: wave % 2 === 0 ? DEFAULT_TEAM_ID : OTHER_TEAM });
        await report([runId]);
        expect((await released()).length).toBeLessThanOrEqual(3);
      }),
    );
    await waitFor(async () => {
      await report(await released());
      const { rows } = await admin.query<{ n: number }>(`SELECT sum(held + waiting)::int AS n FROM slot`);
      return rows[0]?.n === 0;
    });
    expect((await admin.query(`SELECT FROM run WHERE finished_at IS NULL`)).rowCount).toBe(0);
  });

  it('accept a run of a flow whose slot row was removed since their last check, once, with its key', async () => {
    const flowId = randomUUID();
    await submit({ flowId });
    await admin.query(`DELETE FROM run`);
    await admin.query(`DELETE FROM slot WHERE scope = 'flow' AND id = $1`, [flowId]);
    const again = await Promise.all([
      submit({ flowId }, 'a-key'),
      submit({ flowId }, 'a-key'),
      submit({ flowId }),
    ]);
    expect(new Set(again.map(({ runId }) => runId)).size).toBe(2);
    expect((await submit({ flowId }, 'a-key')).runId).toBe(again[0]?.runId);
    const { rows } = await admin.query(`SELECT held + waiting AS runs FROM slot WHERE id = $1`, [flowId]);
    expect(rows).toEqual([{ runs: 2 }]);
  });

  it('report which versions runs are pinned to', async () => {
    const [flowId, other] = [randomUUID(), randomUUID()];
    await submit({ flowId });
    const [now, before] = [new Date(Date.now() + 60_000), new Date(Date.now() - 60_000)].map((at) =>
      at.toISOString(),
    );
    const items = [
      { flowId, versionHash: 'v1', until: now as string },
      { flowId, versionHash: 'v2', until: now as string },
      { flowId, versionHash: 'v1', until: before as string },
      { flowId, until: now as string },
      { flowId: other, until: now as string },
    ];
    expect(await bus.request(findPinned, { items })).toEqual({ pinned: [true, false, false, true, false] });
    expect(await bus.request(findPinned, { items: [] })).toEqual({ pinned: [] });
  });

  it('report when the oldest stored run was submitted', async () => {
    expect(await bus.request(findOldestRun, {})).toEqual({ submittedAt: null });
    const [first, second] = [newId(), newId()];
    const submittedAtOf = async (runId: string) =>
      (await bus.request(getRun, anEnvelope({ runId }))).submittedAt;
    for (const runId of [first, second]) await submit({ runId });
    const submittedAt = await submittedAtOf(first);
    expect(await bus.request(findOldestRun, {})).toEqual({ submittedAt });
    await admin.query(`DELETE FROM run WHERE id = $1`, [first]);
    expect(await bus.request(findOldestRun, {})).toEqual({ submittedAt: await submittedAtOf(second) });
  });

  it('return the same run for a key, whichever of them gets the request', async () => {
    const replies = await Promise.all(Array.from({ length: 6 }, () => submit({}, 'one-key')));
    expect(new Set(replies.map(({ runId }) => runId)).size).toBe(1);
    expect(replies.filter(({ replayed }) => !replayed)).toHaveLength(1);
    await expect(submit({}, 'one-key', 'other request')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
    });
  });

  it('continue with a full queue after both were stopped', async () => {
    const ids = await submitMany(5);
    await Promise.all([one.stop(), two.stop()]);
    await admin.query(`UPDATE slot SET held = 0`);
    await admin.query(`UPDATE run SET status = 'succeeded', finished_at = now() WHERE status = 'released'`);
    await Promise.all([one.start(), two.start()]);
    await waitFor(async () => (await released()).length === 2);
    // Two schedulers release runs at the same time, so the order of these two runs is not fixed.
    expect((await released()).toSorted()).toEqual(ids.slice(3).toSorted());
  });
});

it('a waiting run is released although the capacity of executors is not known', async () => {
  const ids = await submitMany(4);
  await Promise.all([one.stop(), two.stop()]);
  await admin.query(`UPDATE slot SET held = 0`);
  await admin.query(`UPDATE run SET status = 'succeeded', finished_at = now() WHERE status = 'released'`);
  await one.start({ CAUSEWAY_SYSTEM_SLOTS: '0' });
  await waitFor(async () => (await released()).length === 1);
  expect(await released()).toEqual(ids.slice(3));
  await one.stop();
  await Promise.all([one.start(), two.start()]);
});

// With two schedulers, one that has not read the queue yet would accept one more run.
describe('a full queue', () => {
  beforeAll(() => two.stop());
  afterAll(() => two.start());

  it('of a team refuses its next run with 429 and names the limit, and runs of other teams are accepted', async () => {
    await submitMany(8);
    await expect(submit()).rejects.toMatchObject({
      code: 'TEAM_BUSY',
      message: 'This team has 5 runs waiting; its limit CAUSEWAY_TEAM_QUEUE is 5. Try again in 5 s.',
      details: { retryAfterS: 5 },
    });
    expect((await submit({ teamId: OTHER_TEAM })).status).toBe('queued');
  });

  it('of the platform refuses batches first and API calls last', async () => {
    await submitMany(7);
    expect((await submit({ teamId: OTHER_TEAM, trigger: 'schedule' })).status).toBe('queued');
    await expect(submit({ teamId: OTHER_TEAM, trigger: 'batch' })).rejects.toMatchObject({
      code: 'OVERLOADED',
      message:
        'The platform has 5 runs waiting; its limit CAUSEWAY_SYSTEM_QUEUE is 4 for runs of batch. Try again in 10 s.',
    });
    await submit({ teamId: OTHER_TEAM });
    await expect(submit({ teamId: OTHER_TEAM, trigger: 'schedule' })).rejects.toMatchObject({
      code: 'OVERLOADED',
    });
    await submitMany(2, { teamId: THIRD_TEAM });
    await expect(submit({ teamId: THIRD_TEAM })).rejects.toMatchObject({ code: 'OVERLOADED' });
  });

  it('still returns the accepted run to a retry with the same key', async () => {
    const first = await submit({}, 'accepted');
    await submitMany(7);
    expect(await submit({}, 'accepted')).toMatchObject({ runId: first.runId, replayed: true });
    await expect(submit({}, 'accepted', 'other request')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
    });
    await expect(submit({}, 'new')).rejects.toMatchObject({ code: 'TEAM_BUSY' });
  });

  it('allows a waiting run to be cancelled, and then accepts another run', async () => {
    const ids = await submitMany(8);
    const envelope = anEnvelope({ runId: ids[7] as string });
    expect(await bus.request(cancelRun, { ...envelope })).toMatchObject({
      status: 'cancelled',
      requested: true,
    });
    expect(await bus.request(getRun, envelope)).toMatchObject({
      status: 'cancelled',
      errorCode: 'RUN_CANCELLED',
    });
    expect((await submit()).status).toBe('queued');
  });
});

describe('a team that was deleted', () => {
  it('has its waiting runs cancelled, also those that are submitted later, and no others', async () => {
    const [running] = await submitMany(3);
    const teamId = randomUUID();
    const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId };
    const statusOf = async (runId: string): Promise<string | undefined> =>
      (await admin.query<{ status: string }>('SELECT status FROM run WHERE id = $1', [runId])).rows[0]
        ?.status;
    const waiting = await submitMany(4, { teamId });
    const other = (await submit()).runId;
    const items = [{ id: randomUUID(), payload: tenant }];
    for (const _time of [1, 2])
      expect(await bus.request(endTeamRuns, { items })).toEqual({ confirmed: [items[0]?.id] });
    for (const runId of waiting) await waitFor(async () => (await statusOf(runId)) === 'cancelled');
    const late = (await submit({ teamId })).runId;
    await waitFor(async () => (await statusOf(late)) === 'cancelled');
    expect(await statusOf(other)).toBe('queued');
    const { rows } = await admin.query<{ event: AuditEvent }>(
      `SELECT payload::jsonb AS event FROM outbox WHERE team_id = $1 AND payload LIKE '%run.finish%'`,
      [teamId],
    );
    expect(rows.map(({ event }) => [event.actor.kind, event.code])).toEqual(
      [...waiting, late].map(() => ['system', 'RUN_CANCELLED']),
    );
    // It is watched for an hour.
    await admin.query(`UPDATE ended_team SET ended_at = ended_at - interval '61 min'`);
    await waitFor(async () => (await admin.query('SELECT FROM ended_team')).rowCount === 0);
    expect(await statusOf(running as string)).toBe('released');
  });
});

it('a report that cannot be stored does not affect other reports', async () => {
  const ids = await submitMany(3);
  const items = ids.map((runId, index) => ({
    id: randomUUID(),
    payload: {
      runId,
      status: 'failed' as const,
      at: new Date().toISOString(),
      errorCode: index === 1 ? 'not a text for Postgres: \u0000' : 'NODE_FAILED',
      errorMessage: 'a text with \u0000 and \ud800',
    },
  }));
  const [first, bad, last] = items.map(({ id }) => id);
  expect(await bus.request(reportRuns, { items })).toEqual({ confirmed: [first, last], refused: [bad] });
  expect(await released()).toEqual([ids[1]]);
});

it('two cancels of a waiting run end it once, and send no request to an executor', async () => {
  const ids = await submitMany(4);
  const envelope = anEnvelope({ runId: ids[3] as string });
  // Both have read the run as waiting and now wait for the lock on the system's row.
  await admin.query('BEGIN');
  await admin.query(`SELECT FROM slot WHERE scope = 'system' FOR UPDATE`);
  const cancels = [one, two].map((service) => service.bus.request(cancelRun, { ...envelope }));
  await waitFor(async () => {
    const { rowCount } = await watcher.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%t(run_id, new_status%'`,
    );
    return rowCount === 2;
  });
  await admin.query('COMMIT');
  const answers = await Promise.all(cancels);
  expect(answers.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
  expect(answers.filter(({ requested }) => requested)).toHaveLength(1);
});

it('a run that waited longer than allowed ends as timed out', async () => {
  const ids = await submitMany(4);
  await admin.query(`UPDATE run SET queue_expires_at = now() - interval '1 s' WHERE id = $1`, [ids[3]]);
  const envelope = anEnvelope({ runId: ids[3] as string });
  await waitFor(async () => (await bus.request(getRun, envelope)).status === 'timed_out');
  const { rows } = await admin.query<{ waiting: number }>('SELECT DISTINCT waiting FROM slot');
  expect(rows).toEqual([{ waiting: 0 }]);
});

describe('a run is refused before it exists', () => {
  const flow = '00000000-0000-4000-8000-0000000000f2';
  const countRuns = async (): Promise<number> =>
    (await admin.query('SELECT FROM run WHERE flow_id = $1', [flow])).rowCount ?? 0;

  it('when the flow cannot run, and the refusal names the flow', async () => {
    const problem = { code: 'X', severity: 'blocking', message: 'M.', remedy: 'R.', nodes: ['n'] } as const;
    flows.set(flow, { problems: [{ ...problem, nodes: [...problem.nodes] }] });
    await expect(submit({ flowId: flow })).rejects.toMatchObject({
      code: 'FLOW_CANNOT_RUN',
      message: 'This flow cannot run: M. R.',
      details: { flow: { id: flow, name: `Flow ${flow}` } },
    });
    flows.delete(flow);
    expect(await countRuns()).toBe(0);
  });

  it('when a webhook starts a flow without a Webhook node, and the refusal says what to do', async () => {
    const quiet = '00000000-0000-4000-8000-0000000000f3';
    flows.set(quiet, { hasWebhook: false });
    await expect(submit({ flowId: quiet, trigger: 'webhook' })).rejects.toMatchObject({
      code: 'WEBHOOK_MISSING',
      message: expect.stringMatching(/has no Webhook node.*Add a Webhook node to the flow/),
      details: { flow: { id: quiet, name: `Flow ${quiet}` } },
    });
    expect((await admin.query('SELECT FROM run WHERE flow_id = $1', [quiet])).rowCount).toBe(0);
  });

  it('when its caller may not run flows, or the flow belongs to another team', async () => {
    const { principal } = anEnvelope();
    await expect(
      submit({ flowId: flow, principal: { ...principal, permissions: ['flow:read'] } }),
    ).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    flows.set(OTHER_FLOW, { teamId: OTHER_TEAM });
    await expect(submit({ flowId: OTHER_FLOW })).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
    expect(await countRuns()).toBe(0);
  });
});
