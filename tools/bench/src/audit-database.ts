import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ExportVerifier, readAuditKey } from '@causeway/audit-chain';
import {
  type AuditEvent,
  type AuditFilter,
  type Principal,
  DEFAULT_ORGANISATION_ID as O,
} from '@causeway/contracts';
import { FolderStore, Lifecycle, newId, openDatabase, withContext } from '@causeway/platform';
import { ROOT } from '@causeway/stack';
import { Client } from 'pg';

/** A database with the tables of the audit service, and its own code over them. */
export interface AuditDatabase {
  /** Events of the last months, half of them of ten teams, spread evenly, each with its place in a chain. */
  fill(events: number, months: number): Promise<void>;
  /** What a reader asks, by name; each answers how many events it found. */
  questions(): [string, () => Promise<number>][];
  /** Events a second that one sender appends, in batches, for some seconds. */
  appendRate(organisationId: string, batch: number): Promise<number>;
  /** Events a second of a complete export and of one of a team, and of their check. */
  exportRates(): Promise<[string, { exported: number; verified: number; proven: boolean }][]>;
  bytes(): Promise<number>;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
const TEAMS = 20;
const APPEND_MS = 4_000;
/** The chain that is exported is made by the service's own code: the hashes of the filled one are not real, since SQL made them. */
const EXPORTED = 60_000;

type Constructor = new (...parts: unknown[]) => never;

async function load(path: string, name: string): Promise<Constructor> {
  const module = (await import(pathToFileURL(join(ROOT, 'services/audit/dist', path)).href)) as Record<
    string,
    Constructor
  >;
  const found = module[name];
  if (!found) throw new Error(`services/audit/dist/${path} has no ${name}: npm run build`);
  return found;
}

async function make<T>(path: string, name: string, ...parts: unknown[]): Promise<T> {
  return new (await load(path, name))(...parts);
}

/** The parts of the service that are used here. The built files are loaded: no package exports them, and a copy would not measure the real code. */
interface EventStore {
  list(scope: object, filter: AuditFilter, page: object): Promise<AuditEvent[]>;
  count(scope: object, filter: AuditFilter): Promise<number>;
}
interface Appending {
  record(events: readonly AuditEvent[]): Promise<void>;
}
interface Exporting {
  next(input: object): Promise<{ lines: string[]; next?: string }>;
}

/** Opens a database that is migrated. */
export async function openAuditDatabase(urls: {
  readonly admin: string;
  readonly audit: string;
  readonly objects: string;
}): Promise<AuditDatabase> {
  const admin = new Client({ connectionString: urls.admin });
  admin.on('error', () => undefined);
  await admin.connect();
  await admin.query('set search_path to audit');
  const database = await openDatabase({
    url: urls.audit,
    service: 'audit',
    poolSize: 4,
    statementTimeoutMs: 600_000,
  });
  const key = readAuditKey(Buffer.alloc(32, 'bench').toString('base64'));
  const settings = { auditSigningKey: key, auditCheckpointSeconds: 60 };
  const chain = await make('store/chain.store.js', 'ChainStore', database);
  const checkpointStore = await make('store/checkpoint.store.js', 'CheckpointStore', database);
  const store = await make<EventStore>('store/event.store.js', 'EventStore', database);
  const exportStore = await make('store/export.store.js', 'ExportStore', database);
  const months = await make('operations/months.js', 'Months', store);
  const checkpoints = await make(
    'operations/checkpoints.js',
    'Checkpoints',
    checkpointStore,
    chain,
    new FolderStore(urls.objects),
    new Lifecycle(),
    settings,
  );
  const blockZero = await make('operations/block-zero.js', 'BlockZero', database, chain, checkpoints);
  const appending = await make<Appending>(
    'operations/appending.js',
    'Appending',
    database,
    chain,
    months,
    blockZero,
    checkpoints,
  );
  const readings = await make('operations/readings.js', 'Readings', appending);
  const proofs = await make('operations/proofs.js', 'Proofs', exportStore);
  const exporting = await make<Exporting>(
    'operations/exporting.js',
    'Exporting',
    database,
    exportStore,
    chain,
    checkpointStore,
    checkpoints,
    readings,
    proofs,
    settings,
  );
  const team = `00000000-0000-4000-8000-${String(100).padStart(12, '0')}`;

  return {
    async fill(events, count) {
      const endMs = Date.now();
      const days = count * 30;
      for (let month = 0; month <= count; month += 1)
        await admin.query(`select ensure_event_month((now() - $1 * interval '1 month')::date)`, [month]);
      // Chunks, so that the server's log of changes does not grow with the number of events.
      const chunk = 250_000;
      for (let from = 0; from < events; from += chunk) {
        const to = Math.min(events, from + chunk);
        await admin.query(
          `insert into event (time, id, organisation_id, team_id, actor_id, action, object_type, object_id, result, address, request_id, run_id, words, content)
           select to_timestamp($1::float8 + n * $2::float8), ('0193571f-7a3c-7e2e-9a5e-' || lpad(to_hex(n), 12, '0'))::uuid, '${O}',
             ('00000000-0000-4000-8000-' || lpad((100 + h % ${TEAMS})::text, 12, '0'))::uuid, 'user-' || h % 500,
             (array['run.submit', 'run.submit', 'run.submit', 'run.submit', 'run.finish', 'run.finish', 'run.finish', 'run.finish', 'request.refuse', 'flow.update'])[1 + h % 10]
               || case when h % 1000 = 7 then '_rare' else '' end,
             'flow', 'flow-' || h % 3000, case when h % 50 = 0 then 'refused' when h % 30 = 0 then 'failed' else 'succeeded' end,
             case when h % 10 = 8 then '10.0.' || h % 7 || '.' || h % 250 end, md5('q' || n)::text, md5('r' || n / 2),
             'user name ' || h % 500 || ' run.finish flow number ' || h % 3000 || ' ' || case when n % 5000 = 0 then 'quarterly report' else 'api succeeded' end,
             '{"action":"run.finish","actor":{"id":"user-' || h % 500 || '","kind":"user","name":"User Name ' || h % 500 || '"},"at":"2026-01-01T00:00:00.000Z","detail":{"status":"succeeded","trigger":"api"},"id":"' || n || '","object":{"id":"flow-' || h % 3000 || '","type":"flow","version":"' || md5(h::text) || '"},"organisationId":"${O}","requestId":"' || md5('q' || n) || '","result":"succeeded","runId":"' || md5('r' || n / 2) || '","teamId":"' || h % ${TEAMS} || '"}'
           from (select n, ('x' || substr(md5(n::text), 1, 7))::bit(28)::int as h from generate_series($3::bigint, $4::bigint - 1) as n) as s`,
          [(endMs - days * DAY_MS) / 1_000, (days * DAY_MS) / 1_000 / events, from, to],
        );
      }
      await admin.query(
        `insert into event_seal select time, id, organisation_id, row_number() over (order by time, id), sha256(id::text::bytea) from event`,
      );
      await admin.query('vacuum analyze event');
      await admin.query('vacuum analyze event_seal');
      await admin.query('checkpoint');
    },

    questions() {
      const from = new Date(Date.now() - 30 * DAY_MS).toISOString();
      const organisation = { organisationId: O };
      const ofTeam = { ...organisation, teamId: team };
      const monthStart = new Date(
        Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() - 1, 1),
      ).toISOString();
      const monthEnd = new Date(
        Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), 1),
      ).toISOString();
      const page = { limit: 51 };
      const ask =
        (scope: object, filter: AuditFilter, more: object = {}) =>
        async () =>
          (await store.list(scope, { from, ...filter }, { ...page, ...more })).length;
      const filters: [string, AuditFilter][] = [
        ['no filter', {}],
        ['actor', { actorId: 'user-77' }],
        ['actor that does not exist', { actorId: 'nobody' }],
        ['action', { action: 'run.finish' }],
        ['rare action', { action: 'flow.update_rare' }],
        ['action that does not exist', { action: 'no.such' }],
        ['beginning of actions', { action: 'run.*' }],
        ['beginning of no action', { action: 'never.*' }],
        ['object', { objectType: 'flow', objectId: 'flow-42' }],
        ['kind of object that does not exist', { objectType: 'nothing' }],
        ['refused', { result: 'refused' }],
        ['failed', { result: 'failed' }],
        ['address', { address: '10.0.3.38' }],
        ['request', { requestId: '00000000000000000000000000000000' }],
        ['run', { runId: '00000000000000000000000000000000' }],
        ['actor, action and result', { actorId: 'user-77', action: 'run.submit', result: 'refused' }],
      ];
      return [
        ...[organisation, ofTeam].flatMap((scope) =>
          filters.map(([name, filter]): [string, () => Promise<number>] => [
            `${'teamId' in scope ? 'team' : 'organisation'}: ${name}`,
            ask(scope, filter),
          ]),
        ),
        [
          'words that many have, last month',
          ask(organisation, { text: 'api succeeded', from: monthStart, to: monthEnd }),
        ],
        [
          'words that few have, last month',
          ask(organisation, { text: 'quarterly report', from: monthStart, to: monthEnd }),
        ],
        [
          'words that few have, of a team, last month',
          ask(ofTeam, { text: 'quarterly report', from: monthStart, to: monthEnd }),
        ],
        [
          'words that none has, last month',
          ask(organisation, { text: 'nowhere at all', from: monthStart, to: monthEnd }),
        ],
        ['words that few have, the last 30 days', ask(organisation, { text: 'quarterly report' })],
        [
          'deep page, half a year back',
          ask(
            organisation,
            { from: '2020-01-01T00:00:00Z' },
            { after: { at: new Date(Date.now() - 183 * DAY_MS).toISOString(), id: newId() } },
          ),
        ],
        ['oldest first', ask(organisation, {}, { isOldestFirst: true })],
        ['count of a team', () => store.count(ofTeam, { from })],
        ['count of refusals of a team', () => store.count(ofTeam, { from, result: 'refused' })],
      ];
    },

    async appendRate(organisationId, batch) {
      const untilMs = performance.now() + APPEND_MS;
      let appended = 0;
      while (performance.now() < untilMs) {
        await appending.record(Array.from({ length: batch }, () => anEvent(organisationId, appended++)));
      }
      return (appended / (APPEND_MS + performance.now() - untilMs)) * 1_000;
    },

    async exportRates() {
      const organisationId = newId();
      for (let at = 0; at < EXPORTED; at += 1_000)
        await appending.record(Array.from({ length: 1_000 }, (_, n) => anEvent(organisationId, at + n)));
      const permissions = ['audit:read' as const];
      const teamId = teamOf(0);
      const principal: Principal = {
        kind: 'user',
        id: 'bench',
        name: 'bench',
        organisationId,
        teamId,
        permissions,
        organisationPermissions: permissions,
      };
      const results: [string, { exported: number; verified: number; proven: boolean }][] = [];
      for (const scope of ['organisation', 'team'] as const) {
        const lines: string[] = [];
        const beforeMs = performance.now();
        for (let after: string | undefined; ;) {
          const question = { organisationId, teamId, scope, ...(after !== undefined && { after }) };
          const part = await withContext({ principal }, () => exporting.next(question));
          lines.push(...part.lines);
          if (part.next === undefined) break;
          after = part.next;
        }
        const exportedMs = performance.now() - beforeMs;
        const verifier = new ExportVerifier([key]);
        const startedMs = performance.now();
        for (const line of lines) verifier.add(line);
        const report = verifier.end();
        const verifiedMs = performance.now() - startedMs;
        results.push([
          scope === 'team' ? 'an export of a team' : 'a complete export',
          {
            exported: (report.events / exportedMs) * 1_000,
            verified: (report.events / verifiedMs) * 1_000,
            proven: report.isProven,
          },
        ]);
      }
      return results;
    },

    async bytes() {
      const { rows } = await admin.query<{ bytes: string }>(
        'select pg_database_size(current_database()) as bytes',
      );
      return Number(rows[0]?.bytes);
    },

    async close() {
      await Promise.all([admin.end(), database.pool.end()]);
    },
  };
}

function teamOf(n: number): string {
  return `00000000-0000-4000-8000-${String(100 + (n % 2)).padStart(12, '0')}`;
}

function anEvent(organisationId: string, n: number): AuditEvent {
  return {
    id: newId(),
    at: new Date().toISOString(),
    organisationId,
    teamId: teamOf(n),
    actor: { kind: 'user', id: `user-${n % 500}`, name: `User Name ${n % 500}` },
    action: 'run.finish',
    object: { type: 'flow', id: `flow-${n % 3_000}`, version: 'a'.repeat(64) },
    result: 'succeeded',
    requestId: newId(),
    runId: newId(),
    detail: { trigger: 'api', status: 'succeeded' },
  };
}
