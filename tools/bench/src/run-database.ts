import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { RunEnvelope } from '@causeway/contracts';
import { type Database, firstIdAt, newId, openDatabase } from '@causeway/platform';
import { ROOT } from '@causeway/stack';
import { Client } from 'pg';

/** A database with the tables of scheduler and executor, and the statements that a run makes there. */
export interface RunDatabase {
  /** Runs that ended, spread evenly over so many days until now. */
  fill(runs: number, days: number): Promise<void>;
  /** One run from submit to close, and a page of runs; milliseconds of each. */
  runOne(): Promise<Record<string, number>>;
  /** Adds the runs of a day; days are counted from the end of those that `fill` made. */
  addDay(day: number, runs: number): Promise<void>;
  /** Removes runs that are older than 30 days on such a day. @returns how many */
  removeOlderThan(day: number, atMost: number): Promise<number>;
  /** Does the work of autovacuum in a day, since a day passes here in seconds. */
  vacuum(): Promise<void>;
  count(): Promise<number>;
  bytes(): Promise<number>;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
const O = '00000000-0000-4000-8000-000000000001';
const T = '00000000-0000-4000-8000-000000000002';
const STEPS = 3;

/** The parts of the services' stores that are used here. The built files are loaded: no package exports them, and a copy would not measure the real code. */
interface Stores {
  readonly submitting: {
    insert(submissions: readonly unknown[]): Promise<unknown>;
    close(closings: readonly unknown[]): Promise<unknown>;
  };
  readonly slots: { ensure(owner: unknown, capacity: unknown): Promise<void> };
  readonly pages: { list(filter: unknown): Promise<unknown> };
  readonly journal: {
    claim(envelopes: readonly unknown[], runner: unknown): Promise<unknown>;
    write(chunks: readonly unknown[]): Promise<unknown>;
  };
  readonly old: {
    pick(transaction: Database, what: { days: number; after: string; atMost: number }): Promise<string[]>;
    delete(transaction: Database, ids: readonly string[]): Promise<number>;
  };
  readonly forgetting: { forget(ids: readonly string[], what: 'all'): Promise<unknown> };
}

async function load<T>(path: string, name: string, database: Database): Promise<T> {
  const module = (await import(pathToFileURL(join(ROOT, 'services', path)).href)) as Record<
    string,
    new (database: Database) => T
  >;
  const Store = module[name];
  if (!Store) throw new Error(`${path} has no ${name}: npm run build`);
  return new Store(database);
}

/** Opens a database that is migrated. */
export async function openRunDatabase(urls: {
  readonly admin: string;
  readonly scheduler: string;
  readonly executor: string;
}): Promise<RunDatabase> {
  const admin = new Client({ connectionString: urls.admin });
  // When the bench fails, its server is stopped first; the lost connections must not hide the real error.
  admin.on('error', () => undefined);
  await admin.connect();
  const scheduler = await openDatabase({
    url: urls.scheduler,
    service: 'scheduler',
    poolSize: 1,
    statementTimeoutMs: 600_000,
  });
  const executor = await openDatabase({
    url: urls.executor,
    service: 'executor',
    poolSize: 1,
    statementTimeoutMs: 600_000,
  });
  const stores: Stores = {
    submitting: await load('scheduler/dist/store/run.store.js', 'RunStore', scheduler),
    slots: await load('scheduler/dist/store/slot.store.js', 'SlotStore', scheduler),
    pages: await load('scheduler/dist/store/run-pages.store.js', 'RunPages', scheduler),
    old: await load('scheduler/dist/store/old-run.store.js', 'OldRunStore', scheduler),
    journal: await load('executor/dist/store/run.store.js', 'RunStore', executor),
    forgetting: await load('executor/dist/store/old-run.store.js', 'OldRunStore', executor),
  };
  await executor.query(
    `INSERT INTO executor (id, kind, host, pid, engine_version) VALUES ($1, 'shared', 'bench', 1, 1)`,
    [O],
  );
  await stores.slots.ensure(anEnvelope(), { team: 100_000, flow: 100_000 });
  await scheduler.query('UPDATE slot SET capacity = 100000');
  // The simulated month is the last one of three, so that no time is in the future.
  const startMs = Date.now() - 60 * DAY_MS;
  let isFilled = false;

  async function insert(fromMs: number, forMs: number, runs: number): Promise<void> {
    const step = forMs / runs;
    const id = `(lpad(to_hex(ms), 12, '0') || '7' || substr(md5(ms::text || g), 1, 3) || '8' || substr(md5(ms::text || g), 4, 15))::uuid`;
    const source = `(SELECT ${id} AS id, to_timestamp(ms / 1000.0) AS at FROM (
      SELECT g, (${fromMs} + g * ${step})::bigint AS ms FROM generate_series(0::bigint, ${Math.round(runs) - 1}) AS g) AS n) AS r`;
    await admin.query('CREATE TEMP TABLE batch AS SELECT * FROM ' + source);
    await admin.query(
      `INSERT INTO scheduler.run (id, organisation_id, team_id, project_id, flow_id, version_hash, status, trigger, principal_id,
         submitted_at, released_at, queue_expires_at, asked_at, finished_at)
       SELECT id, '${O}', '${T}', '${O}', '${O}', 'v1', 'succeeded', 'api', 'ada', at, at, at, at, at FROM batch`,
    );
    await admin.query(
      `INSERT INTO executor.execution (run_id, organisation_id, team_id, project_id, flow_id, version_hash, status, epoch, owner,
         engine_version, claimed_at, deadline_at, finished_at, result)
       SELECT id, '${O}', '${T}', '${O}', '${O}', 'v1', 'succeeded', 1, '${O}', 1, at, at, at, repeat(md5(id::text), 12) FROM batch`,
    );
    await admin.query(
      `INSERT INTO executor.step_result (run_id, path, organisation_id, team_id, seq, epoch, node_id, node_type, node_name, status,
         outputs, started_at, finished_at)
       SELECT id, 'node-' || s, '${O}', '${T}', s + 1, 1, 'node-' || s, 'Prompt', 'Prompt', 'succeeded', repeat(md5(id::text || s), 10), at, at
       FROM batch, generate_series(1, ${STEPS}) AS s`,
    );
    await admin.query('DROP TABLE batch');
  }

  return {
    async fill(runs, days) {
      await insert(startMs, days * DAY_MS, runs);
      await admin.query('VACUUM ANALYZE');
      await admin.query('CHECKPOINT');
      isFilled = true;
    },
    async runOne() {
      const took: Record<string, number> = {};
      const timed = async (act: string, work: () => Promise<unknown>): Promise<void> => {
        const before = performance.now();
        await work();
        took[act] = performance.now() - before;
      };
      const envelope = anEnvelope();
      const at = new Date().toISOString();
      const event = { id: newId(), at, action: 'run.submit', result: 'succeeded' };
      await timed('submit', () => stores.submitting.insert([{ envelope, queueTtlS: 3_600, event }]));
      await timed('claim', () => stores.journal.claim([envelope], { id: O, engineVersion: 1 }));
      await timed('journal and end', () => stores.journal.write([aChunk(envelope.runId, at)]));
      await timed('close', () =>
        stores.submitting.close([
          { runId: envelope.runId, status: 'succeeded', at: new Date(), expected: 'released' },
        ]),
      );
      await timed('list 50', () => stores.pages.list({ organisationId: O, teamId: T, page: { limit: 50 } }));
      return took;
    },
    async addDay(day, runs) {
      if (!isFilled) throw new Error('fill first');
      await insert(startMs + (29 + day) * DAY_MS, DAY_MS, runs);
    },
    async removeOlderThan(day, atMost) {
      const ids = await stores.old.pick(scheduler, { days: 60 - day, after: firstIdAt(0), atMost });
      if (ids.length === 0) return 0;
      await stores.forgetting.forget(ids, 'all');
      return stores.old.delete(scheduler, ids);
    },
    async vacuum() {
      await admin.query('VACUUM');
    },
    async count() {
      return (
        (await admin.query<{ n: number }>('SELECT count(*)::int AS n FROM scheduler.run')).rows[0]?.n ?? 0
      );
    },
    async bytes() {
      const { rows } = await admin.query<{ bytes: string }>(
        'SELECT pg_database_size(current_database()) AS bytes',
      );
      return Number(rows[0]?.bytes);
    },
    async close() {
      await Promise.all([admin.end(), scheduler.pool.end(), executor.pool.end()]);
    },
  };
}

function anEnvelope(): RunEnvelope {
  const tenant = { organisationId: O, teamId: T };
  return {
    ...tenant,
    runId: newId(),
    projectId: O,
    flowId: O,
    versionHash: 'v1',
    input: { inline: 'sealed '.repeat(40) },
    trigger: 'api',
    principal: { ...tenant, kind: 'user', id: 'ada', name: 'Ada', permissions: ['flow:run'] },
    limits: { timeoutMs: 300_000, maxTokens: 4_096, memoryBytes: 2 ** 31 },
    requestId: 'bench',
    submittedAt: new Date().toISOString(),
  };
}

function aChunk(runId: string, at: string) {
  const steps = Array.from({ length: STEPS }, (_, n) => ({
    path: `node-${n}`,
    seq: n + 2,
    nodeId: `node-${n}`,
    nodeType: 'Prompt',
    nodeName: 'Prompt',
    status: 'succeeded',
    outputs: '"x"'.repeat(100),
    startedAt: at,
    finishedAt: at,
  }));
  const end = {
    status: 'succeeded',
    result: '"answer"',
    lastSeq: STEPS + 2,
    tokensUsed: 1,
    finishedAt: at,
    outbox: [],
  };
  return { runId, epoch: 1, steps, attempts: [], incidents: [], effects: [], messages: [], end };
}
