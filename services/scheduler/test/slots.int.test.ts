import { DEFAULT_TEAM_ID } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { testDatabase, waitFor } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Lane, type WaitingRun, chooseReleases } from '../src/domain/choose-releases.js';
import { endInQueue } from '../src/domain/end-in-queue.js';
import { RunStore } from '../src/store/run.store.js';
import { SlotStore } from '../src/store/slot.store.js';
import { aSubmission, anEnvelope } from './a-submission.js';

const { urls } = await testDatabase({ services: ['scheduler'] });
const pool = new Pool({ connectionString: urls['scheduler'] as string, max: 8 });
const database = new Database(pool, 'scheduler', (shared, schema) => new PrismaPg(shared, { schema }));
const store = new RunStore(database);
const slots = new SlotStore(database);
afterAll(() => pool.end());

const OTHER_TEAM = '00000000-0000-4000-8000-0000000000aa';
const flow = (n: number): string => `00000000-0000-4000-8000-0000000000f${n}`;
const weights = { api: 8, webhook: 4, schedule: 2, batch: 1 };
const release = (): Promise<RunEnvelope[]> => slots.release(weights, 50);

beforeEach(async () => {
  for (const table of ['run', 'idempotency', 'lane', 'outbox']) await pool.query(`DELETE FROM ${table}`);
  await pool.query(`DELETE FROM slot WHERE scope <> 'system'`);
  await pool.query('UPDATE slot SET held = 0, waiting = 0, capacity = 1000');
});

interface Kind {
  readonly team?: string;
  readonly flow?: number;
  readonly trigger?: RunEnvelope['trigger'];
}

/** Submits this many runs of one kind in one batch. @returns their ids, in order */
async function submit(
  count: number,
  { team = DEFAULT_TEAM_ID, flow: n = 1, trigger = 'api' }: Kind = {},
): Promise<string[]> {
  const over = { teamId: team, flowId: flow(n), trigger };
  await slots.ensure(anEnvelope(over), { team: 100, flow: 100 });
  const batch = Array.from({ length: count }, () => aSubmission(over));
  await store.insert(batch);
  return batch.map(({ envelope }) => envelope.runId);
}

async function setCapacity(scope: string, capacity: number, id?: string): Promise<void> {
  await pool.query('UPDATE slot SET capacity = $2 WHERE scope = $1 AND ($3::uuid IS NULL OR id = $3)', [
    scope,
    capacity,
    id,
  ]);
}

async function end(runIds: readonly string[]): Promise<void> {
  await store.close(
    runIds.map((runId) => ({ runId, status: 'succeeded', at: new Date(), expected: 'released' })),
  );
}

/** Counters that differ from the counts of the stored runs. */
async function contradictions(): Promise<unknown[]> {
  const { rows } = await pool.query(`
    SELECT s.scope, s.id, s.held, s.waiting, s.capacity FROM slot s
    LEFT JOIN run r ON (s.scope = 'system' OR s.id = CASE s.scope WHEN 'team' THEN r.team_id ELSE r.flow_id END)
    GROUP BY s.scope, s.id, s.held, s.waiting, s.capacity
    HAVING s.held <> count(*) FILTER (WHERE r.status = 'released') OR s.waiting <> count(*) FILTER (WHERE r.status = 'queued')
        OR s.held > s.capacity
    UNION ALL
    SELECT 'lane', l.team_id, l.waiting, count(r.id)::int, 0 FROM lane l
    LEFT JOIN run r ON r.team_id = l.team_id AND r.trigger = l.trigger AND r.status = 'queued'
    GROUP BY l.team_id, l.trigger, l.waiting HAVING l.waiting <> count(r.id)`);
  return rows;
}

describe('a limit', () => {
  it.each([
    ['of the system', 'system'],
    ['of a team', 'team'],
    ['of a flow', 'flow'],
  ])('%s holds back what is above it', async (_whose, scope) => {
    await submit(0);
    await setCapacity(scope, 2);
    await submit(5);
    expect((await pool.query(`SELECT FROM run WHERE status = 'released'`)).rowCount).toBe(2);
    expect(await release()).toEqual([]);
    expect(await contradictions()).toEqual([]);
  });

  it('of one flow does not delay another flow of the team', async () => {
    await submit(0);
    await setCapacity('flow', 1, flow(1));
    await submit(5);
    await submit(2, { flow: 2 });
    const { rows } = await pool.query<{ status: string }>('SELECT status FROM run WHERE flow_id = $1', [
      flow(2),
    ]);
    expect(rows.map(({ status }) => status)).toEqual(['released', 'released']);
  });

  it('of one team does not delay another team', async () => {
    await submit(0);
    await setCapacity('team', 1);
    await submit(5);
    await submit(1, { team: OTHER_TEAM, flow: 2 });
    expect((await pool.query(`SELECT FROM run WHERE status = 'released'`)).rowCount).toBe(2);
  });
});

describe('a changed setting', () => {
  it('applies to teams and flows that have slots already, except those with their own capacity', async () => {
    await submit(1);
    await submit(1, { flow: 2 });
    await pool.query(`UPDATE slot SET own_capacity = 7 WHERE scope = 'flow' AND id = $1`, [flow(2)]);
    await slots.settleCapacities({ team: 30, flow: 20 });
    const { rows } = await pool.query('SELECT scope, id, capacity FROM slot ORDER BY scope, id');
    expect(rows).toEqual([
      { scope: 'flow', id: flow(1), capacity: 20 },
      { scope: 'flow', id: flow(2), capacity: 7 },
      { scope: 'system', id: '00000000-0000-0000-0000-000000000000', capacity: 1000 },
      { scope: 'team', id: DEFAULT_TEAM_ID, capacity: 30 },
    ]);
  });
});

describe('a new run', () => {
  it('is not released before waiting runs that can be released', async () => {
    await setCapacity('system', 1);
    const [running = ''] = await submit(1);
    const [first] = await submit(1);
    await store.close([{ runId: running, status: 'succeeded', at: new Date(), expected: 'released' }]);
    await submit(1, { team: OTHER_TEAM, flow: 2 });
    expect((await release()).map(({ runId }) => runId)).toEqual([first]);
  });

  it('gets its share of a full system although another team has submitted many runs', async () => {
    await setCapacity('system', 4);
    const running = await submit(4);
    await submit(200);
    const calm = await submit(3, { team: OTHER_TEAM, flow: 2 });
    for (const runId of running) {
      await end([runId]);
      await release();
    }
    const { rows } = await pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM run WHERE id = ANY($1) AND status = 'released'`,
      [calm],
    );
    expect(rows[0]?.n).toBe(2);
    expect(await contradictions()).toEqual([]);
  });

  it('of a higher class is released first, and runs of the lowest class are released too', async () => {
    await setCapacity('system', 0);
    await submit(20, { trigger: 'batch' });
    await submit(20, { trigger: 'api', flow: 2 });
    await setCapacity('system', 18);
    const triggers = (await release()).map(({ trigger }) => trigger);
    expect(triggers.filter((trigger) => trigger === 'api')).toHaveLength(16);
    expect(triggers.filter((trigger) => trigger === 'batch')).toHaveLength(2);
  });

  it('of another team starts at the same turn as a team that was served alone for a long time', async () => {
    await setCapacity('system', 0);
    await submit(60);
    await setCapacity('system', 50);
    expect(await release()).toHaveLength(50);
    const { rows } = await pool.query<{ turn: number }>('SELECT turn FROM lane');
    await submit(5, { team: OTHER_TEAM, flow: 2 });
    const other = await pool.query<{ turn: number }>('SELECT turn FROM lane WHERE team_id = $1', [
      OTHER_TEAM,
    ]);
    expect(other.rows[0]?.turn).toBe(rows[0]?.turn);
  });
});

describe('with many flows', () => {
  /** Makes this many flows in `teams` teams, with random capacities and turns and 1,500 random waiting runs. */
  async function fillByChance(flows: number, teams: number): Promise<void> {
    for (const table of ['run', 'lane']) await pool.query(`DELETE FROM ${table}`);
    await pool.query(`DELETE FROM slot WHERE scope <> 'system'`);
    const chance = (most: number): string => `floor(random() * ${most + 1})::int`;
    const id = (kind: string, n: string): string => `md5('${kind}' || (${n}))::uuid`;
    await pool.query(
      `INSERT INTO slot (scope, id, organisation_id, team_id, capacity, held)
       SELECT 'team', team, team, team, 1 + ${chance(9)}, ${chance(1)} FROM generate_series(1, $1::int) t, LATERAL (SELECT ${id('team', 't')} AS team) x
       UNION ALL SELECT 'flow', ${id('flow', 'f')}, team, team, 1 + ${chance(3)}, ${chance(1)}
       FROM generate_series(1, $2::int) f, LATERAL (SELECT ${id('team', '1 + f % $1')} AS team) x`,
      [teams, flows],
    );
    await pool.query(
      `INSERT INTO run (id, organisation_id, team_id, project_id, flow_id, version_hash, status, trigger, principal_id, envelope,
                        submitted_at, queue_expires_at)
       SELECT id, team_id, team_id, id, flow_id, 'v1', 'queued', (ARRAY['api', 'webhook', 'schedule', 'batch'])[1 + ${chance(3)}], 'ada',
              json_build_object('runId', id), now() - interval '1 s' * ${chance(200)}, now() + interval '1 h'
       FROM (SELECT gen_random_uuid() AS id, 1 + ${chance(flows - 1)} AS f FROM generate_series(1, 1500)) r
       JOIN LATERAL (SELECT id AS flow_id, team_id FROM slot WHERE slot.id = ${id('flow', 'f')}) s ON true`,
    );
    await pool.query(
      `INSERT INTO lane (team_id, trigger, organisation_id, waiting, turn)
       SELECT team_id, trigger, team_id, count(*), ${chance(3)} FROM run GROUP BY 1, 2, 3`,
    );
    await pool.query(
      `UPDATE slot SET waiting = (SELECT count(*) FROM run WHERE run.flow_id = slot.id) WHERE scope = 'flow'`,
    );
  }

  /** The runs that the rule chooses from all waiting runs whose flow and team have a free slot. */
  async function expected(free: number): Promise<string[]> {
    const { rows: runs } = await pool.query<WaitingRun>(
      `SELECT r.id, r.team_id AS "teamId", flow_id AS "flowId", trigger FROM run r
       JOIN slot f ON f.scope = 'flow' AND f.id = flow_id AND f.held < f.capacity
       JOIN slot t ON t.scope = 'team' AND t.id = r.team_id AND t.held < t.capacity
       WHERE status = 'queued' ORDER BY submitted_at, r.id`,
    );
    const { rows: lanes } = await pool.query<Lane>('SELECT team_id AS "teamId", trigger, turn FROM lane');
    const room = async (scope: string): Promise<Map<string, number>> => {
      const { rows } = await pool.query<{ id: string; free: number }>(
        'SELECT id, capacity - held AS free FROM slot WHERE scope = $1',
        [scope],
      );
      return new Map(rows.map((row) => [row.id, row.free]));
    };
    const rooms = { system: free, teams: await room('team'), flows: await room('flow') };
    return chooseReleases(runs, lanes, rooms, weights).map(({ id }) => id);
  }

  it.each([
    [40, 3, 50],
    [300, 40, 10],
    [300, 2, 50],
    [600, 300, 5],
    [600, 300, 50],
  ])(
    '%i in %i teams, %i slots go to the same runs as if every run was looked at',
    async (flows, teams, free) => {
      await setCapacity('system', 10_000);
      for (let round = 0; round < 4; round++) {
        await fillByChance(flows, teams);
        const runIds = await expected(free);
        expect(runIds.length).toBeGreaterThan(0);
        expect((await slots.release(weights, free)).map(({ runId }) => runId)).toEqual(runIds);
      }
    },
  );
});

describe('a scheduler that is frozen', () => {
  it.each([1, 2])('after answer %i of a release does not delay another scheduler', async (last) => {
    await setCapacity('system', 1);
    const [running = ''] = await submit(1);
    await submit(3);
    await end([running]);
    const client = await pool.connect();
    let answers = 0;
    const freezing = async (sql: string, values: unknown[] = []): Promise<unknown> => {
      const result = await client.query(sql, values);
      answers += 1;
      return answers < last ? result : new Promise(() => {});
    };
    const frozen = new SlotStore({
      query: freezing,
      transaction: async (act: (transaction: object) => Promise<unknown>) => {
        await client.query('BEGIN');
        const result = await act({ query: freezing });
        await client.query('COMMIT');
        return result;
      },
    } as unknown as Database);
    void frozen.release(weights, 50);
    await waitFor(() => answers === last);
    const outcome = await Promise.race([submit(1), new Promise((resolve) => setTimeout(resolve, 30_000))]);
    client.release(true);
    expect(outcome).toHaveLength(1);
  });

  it('in a transaction that has locked the slots delays others for five seconds at most', async () => {
    await submit(0);
    const client = await pool.connect();
    client.on('error', () => {});
    await client.query(`SET idle_in_transaction_session_timeout = '5s'`);
    await client.query('BEGIN');
    await client.query(`SELECT FROM slot WHERE scope = 'system' FOR UPDATE`);
    const [runId] = await submit(1);
    client.release(true);
    expect((await pool.query('SELECT id FROM run')).rows).toEqual([{ id: runId }]);
  });
});

describe('a slot that was counted wrong', () => {
  it('does not prevent the end of a run, and is counted again', async () => {
    await setCapacity('system', 3);
    const ids = await submit(5);
    await pool.query('UPDATE slot SET held = 0, waiting = 0');
    await end(ids.slice(0, 1));
    expect(store.takeMiscount()).toBe(true);
    expect(store.takeMiscount()).toBe(false);
    expect((await pool.query(`SELECT FROM run WHERE status = 'succeeded'`)).rowCount).toBe(1);
    await pool.query('UPDATE lane SET waiting = 7');
    expect(await slots.recount()).toEqual({ slots: 3, lanes: 1 });
    expect(await contradictions()).toEqual([]);
    expect(await slots.recount()).toEqual({ slots: 0, lanes: 0 });
  });
});

it('counters agree with runs and no limit is exceeded while many operations run at the same time', async () => {
  await submit(0);
  await submit(0, { flow: 2 });
  await submit(0, { team: OTHER_TEAM, flow: 3 });
  await setCapacity('system', 7);
  await setCapacity('team', 5);
  await setCapacity('flow', 3);
  const triggers = ['api', 'webhook', 'schedule', 'batch'] as const;
  const worker = async (seed: number): Promise<void> => {
    for (let round = 0; round < 12; round++) {
      const n = (seed + round) % 3;
      const kind = {
        ...(n === 2 && { team: OTHER_TEAM }),
        flow: n + 1,
        trigger: triggers[(seed * round) % 4] as 'api',
      };
      await submit(1 + (round % 3), kind);
      await release();
      const { rows } = await pool.query<{ id: string; status: string; envelope: string }>(
        `SELECT id, status, envelope FROM run WHERE finished_at IS NULL ORDER BY random() LIMIT 3`,
      );
      await end(rows.map(({ id }) => id));
      const [queued] = rows.filter(({ status }) => status === 'queued');
      if (queued)
        await store.close([
          endInQueue(JSON.parse(queued.envelope) as RunEnvelope, 'cancelled', {
            at: new Date(),
            eventId: crypto.randomUUID(),
          }),
        ]);
      const { rows: over } = await pool.query(
        'SELECT scope, id, held, capacity FROM slot WHERE held > capacity',
      );
      expect(over).toEqual([]);
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6].map(worker));
  expect(await contradictions()).toEqual([]);
  do {
    const { rows } = await pool.query<{ id: string }>(`SELECT id FROM run WHERE status = 'released'`);
    await end(rows.map(({ id }) => id));
  } while ((await release()).length > 0);
  expect((await pool.query(`SELECT FROM run WHERE status = 'queued'`)).rowCount).toBe(0);
});
