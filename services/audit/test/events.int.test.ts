import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AuditEvent,
  type AuditFilter,
  DEFAULT_ORGANISATION_ID,
  DEFAULT_TEAM_ID,
  type ReplyOf,
  appendAuditEvents,
  listAuditEvents,
} from '@causeway/contracts';
import type { Database } from '@causeway/platform';
import { testDatabase, testNats } from '@causeway/testing';
import { Client } from 'pg';
import type { z } from 'zod';
import { afterAll, describe, expect, it } from 'vitest';
import { type EventPage, EventStore } from '../src/store/event.store.js';
import type { EventScope } from '../src/store/event-query.js';
import { bootService } from '@causeway/platform/testing';

const database = await testDatabase({ services: ['audit'] });
const nats = await testNats();
const objects = mkdtempSync(join(tmpdir(), 'causeway-audit-'));
const settings = {
  CAUSEWAY_NATS_URL: nats.url,
  CAUSEWAY_DATABASE_URL: database.urls['audit'] as string,
  CAUSEWAY_OBJECT_STORE: objects,
};
const audit = await bootService(new URL('../dist/main.js', import.meta.url), settings);
const admin = new Client({ connectionString: database.adminUrl });
await admin.connect();
// Tests that write rows themselves reach back some hours, which may be in the month before.
await admin.query(
  `set search_path to audit; select ensure_event_month((now() - interval '1 day')::date); reset search_path`,
);
afterAll(async () => {
  await audit.close();
  await admin.end();
  rmSync(objects, { recursive: true });
});

const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };
const start = Date.now() - 60_000;

function anEvent(over: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: randomUUID(),
    at: new Date(start).toISOString(),
    ...tenant,
    actor: { kind: 'user', id: 'ada', name: 'Ada' },
    action: 'flow.create',
    object: { type: 'flow', id: 'f1', name: 'Chat' },
    result: 'succeeded',
    ...over,
  };
}

/** Events one millisecond apart, oldest first. */
function eventsOf(
  teamId: string,
  count: number,
  over: (n: number) => Partial<AuditEvent> = () => ({}),
): AuditEvent[] {
  return Array.from({ length: count }, (_, n) =>
    anEvent({ teamId, at: new Date(start + n).toISOString(), ...over(n) }),
  );
}

async function append(events: readonly AuditEvent[]): Promise<string[]> {
  const items = events.map((payload, n) => ({ id: `outbox-${n}`, payload }));
  return (await audit.bus.request(appendAuditEvents, { items })).confirmed;
}

type Query = Partial<z.input<typeof listAuditEvents.input>>;

/** What a query finds, and how often it was recorded that somebody has asked. */
function query(over: Query = {}): Promise<ReplyOf<typeof listAuditEvents>> {
  return audit.bus.request(listAuditEvents, { ...tenant, page: {}, ...over });
}

/** What a query finds, without the events that tell of the queries of this test. */
async function list(over: Query = {}): Promise<ReplyOf<typeof listAuditEvents>> {
  const { items, ...rest } = await query(over);
  return { ...rest, items: items.filter(({ action }) => action !== 'audit.read') };
}

const idsOf = (events: readonly AuditEvent[]): string[] => events.map(({ id }) => id);

async function countOf(teamId: string): Promise<number> {
  const { rows } = await admin.query('select count(*)::int as n from audit.event where team_id = $1', [
    teamId,
  ]);
  return rows[0].n;
}

describe('appending', () => {
  it('confirms each item by its own id, and returns the event unchanged', async () => {
    const teamId = randomUUID();
    const event = anEvent({
      teamId,
      code: 'KEY_INVALID',
      from: { address: '10.0.0.1', userAgent: 'curl' },
      requestId: 'r1',
      runId: 'run1',
      detail: { text: 'a\u0000b \uD800 ü', list: [1, null, { deep: true }] },
      count: 3,
    });
    expect(await append([event])).toEqual(['outbox-0']);
    expect((await list({ teamId })).items).toEqual([event]);
  });

  it('keeps one row of an event that is sent again, alone or twice in a batch', async () => {
    const teamId = randomUUID();
    const event = anEvent({ teamId });
    expect(await append([event, event])).toEqual(['outbox-0', 'outbox-1']);
    expect(await append([event])).toEqual(['outbox-0']);
    expect(await countOf(teamId)).toBe(1);
  });

  it('keeps one row of each event when the same batches arrive at the same time in any order', async () => {
    const teamId = randomUUID();
    const events = eventsOf(teamId, 300);
    await Promise.all([events, events.toReversed(), events, events.toReversed()].map(append));
    expect(await countOf(teamId)).toBe(300);
  });

  it('keeps names and ids with characters that Postgres refuses, and finds them by these', async () => {
    const teamId = randomUUID();
    const event = anEvent({ teamId, actor: { kind: 'user', id: 'a\u0000\uD800', name: '\u0000' } });
    expect(await append([event])).toEqual(['outbox-0']);
    expect((await list({ teamId, actorId: 'a\u0000\uD800' })).items).toEqual([event]);
  });

  it('keeps an event with an impossible time once, with the time of its arrival, and says so', async () => {
    const teamId = randomUUID();
    const wrong = ['1970-01-01T00:00:00Z', '9999-12-31T00:00:00Z'].map((at) => anEvent({ teamId, at }));
    const before = Date.now();
    for (let time = 0; time < 2; time += 1)
      expect(await append([wrong[0] as AuditEvent, wrong[1] as AuditEvent])).toEqual([
        'outbox-0',
        'outbox-1',
      ]);
    const { items } = await list({ teamId });
    expect(items.map(({ claimedAt }) => claimedAt).toSorted()).toEqual(wrong.map(({ at }) => at));
    expect(idsOf(items).toSorted()).toEqual(idsOf(wrong).toSorted());
    for (const { at } of items) expect(Date.parse(at)).toBeGreaterThanOrEqual(before);
  });

  it('creates the month of a late event', async () => {
    const teamId = randomUUID();
    const event = anEvent({ teamId, at: '2021-02-28T23:59:59.999Z' });
    expect(await append([event])).toEqual(['outbox-0']);
    const { rows } = await admin.query(
      'select tableoid::regclass::text as name from audit.event where id = $1',
      [event.id],
    );
    expect(rows).toEqual([{ name: 'audit.event_2021_02' }]);
  });

  it('creates a month again that was dropped meanwhile', async () => {
    const teamId = randomUUID();
    await append([anEvent({ teamId, at: '2021-03-01T00:00:00Z' })]);
    await admin.query('drop table audit.event_2021_03');
    expect(await append([anEvent({ teamId, at: '2021-03-02T00:00:00Z' })])).toEqual(['outbox-0']);
    expect(await countOf(teamId)).toBe(1);
  });

  it('refuses data that is not an event, and names the place', async () => {
    const items = [{ id: 'x', payload: { ...anEvent(), action: 'Not An Action' } }];
    await expect(audit.bus.request(appendAuditEvents, { items })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringContaining('items.0.payload.action'),
    });
  });
});

describe('listing', () => {
  const teamId = randomUUID();
  const events = eventsOf(teamId, 25, (n) => ({
    actor: { kind: 'user', id: n % 2 ? 'odd' : 'even', name: 'x' },
    action: n % 5 ? 'run.finish' : 'flow.update',
    object: { type: n % 2 ? 'flow' : 'key', id: `f${n % 3}` },
    result: n % 7 ? 'succeeded' : 'refused',
    from: { address: `10.0.0.${n % 4}`, userAgent: n === 9 ? 'Firefox 100%' : 'curl' },
    requestId: `request-${n}`,
    runId: `run-${n % 6}`,
    detail: { note: `Für ${n % 8 ? 'alle' : 'KEINEN'}` },
  }));
  const expected = (keep: (n: number) => boolean): string[] =>
    idsOf(events.filter((_, n) => keep(n)).toReversed());

  it('lists all pages, newest first, without gap or repeat', async () => {
    await append(events);
    const seen: string[] = [];
    let after: string | undefined;
    let pages = 0;
    do {
      const page = await list({ teamId, page: { limit: 10, ...(after !== undefined && { after }) } });
      seen.push(...idsOf(page.items));
      after = page.next;
      pages += 1;
    } while (after !== undefined);
    expect([pages, seen]).toEqual([3, expected(() => true)]);
  });

  it('lists events of one millisecond by id, and ends after a full last page', async () => {
    const other = randomUUID();
    const same = eventsOf(other, 4).map((event) => ({ ...event, at: new Date(start).toISOString() }));
    await append(same);
    const first = await list({ teamId: other, page: { limit: 2 } });
    const second = await list({ teamId: other, page: { limit: 2, after: first.next as string } });
    expect([...idsOf(first.items), ...idsOf(second.items)]).toEqual(idsOf(same).toSorted().toReversed());
    expect(second.next).toBeUndefined();
  });

  it.each([
    ['actor', { actorId: 'odd' }, (n: number) => n % 2 === 1],
    ['action', { action: 'flow.update' }, (n: number) => n % 5 === 0],
    ['object', { objectId: 'f1' }, (n: number) => n % 3 === 1],
    ['result refused', { result: 'refused' as const }, (n: number) => n % 7 === 0],
    ['result succeeded', { result: 'succeeded' as const }, (n: number) => n % 7 !== 0],
    ['start', { from: new Date(start + 20).toISOString() }, (n: number) => n >= 20],
    ['end', { to: new Date(start + 3).toISOString() }, (n: number) => n < 3],
    ['kind of object', { objectType: 'key' }, (n: number) => n % 2 === 0],
    ['address', { address: '10.0.0.3' }, (n: number) => n % 4 === 3],
    ['request', { requestId: 'request-8' }, (n: number) => n === 8],
    ['run', { runId: 'run-2' }, (n: number) => n % 6 === 2],
    ['the beginning of actions', { action: 'flow.*' }, (n: number) => n % 5 === 0],
    ['the beginning of no action', { action: 'flow.updated*' }, () => false],
    ['words, in any case', { text: 'für keinen' }, (n: number) => n % 8 === 0],
    ['words with signs that mean something in SQL', { text: 'fox 100%' }, (n: number) => n === 9],
    ['signs that stand for nothing else', { text: 'f_r %' }, () => false],
    ['several at once', { actorId: 'even', action: 'run.finish' }, (n: number) => n % 2 === 0 && n % 5 !== 0],
  ])('narrows by %s', async (_name, filter, keep) => {
    expect(idsOf((await list({ teamId, ...filter })).items)).toEqual(expected(keep));
  });

  it('lists the oldest first, page by page', async () => {
    const first = await list({ teamId, order: 'oldest', page: { limit: 20 } });
    const second = await list({ teamId, order: 'oldest', page: { limit: 20, after: first.next as string } });
    expect([...idsOf(first.items), ...idsOf(second.items)]).toEqual(expected(() => true).toReversed());
  });

  it('counts on request, exactly up to 10,000', async () => {
    expect((await list({ teamId, page: { limit: 1 } })).count).toBeUndefined();
    const counted = await list({ teamId, action: 'flow.update', count: true, page: { limit: 1 } });
    expect(counted.count).toEqual({ events: 5, isMore: false });
    const many = randomUUID();
    const { organisationId: _o, teamId: _t, id: _i, ...rest } = anEvent();
    await admin.query(
      `insert into audit.event (time, id, organisation_id, team_id, actor_id, action, object_id, result, content)
       select now() - n * interval '1 second', gen_random_uuid(), $1, $1, 'a', 'a.b', 'o', 'succeeded',
              ($2::jsonb || jsonb_build_object('id', gen_random_uuid(), 'organisationId', $1::uuid, 'teamId', $1::uuid))::text
       from generate_series(1, 10001) as n`,
      [many, JSON.stringify(rest)],
    );
    const tenantOfMany = { organisationId: many, teamId: many };
    expect((await list({ ...tenantOfMany, count: true, page: { limit: 1 } })).count).toEqual({
      events: 10_000,
      isMore: true,
    });
  });

  it('reaches back 30 days unless the query says from when on', async () => {
    const other = randomUUID();
    const old = anEvent({ teamId: other, at: new Date(Date.now() - 31 * 86_400_000).toISOString() });
    await append([old]);
    expect((await list({ teamId: other })).items).toEqual([]);
    expect(idsOf((await list({ teamId: other, from: '2020-01-01T00:00:00Z' })).items)).toEqual([old.id]);
    const to = new Date(Date.now() - 5 * 86_400_000).toISOString();
    expect(idsOf((await list({ teamId: other, to })).items)).toEqual([old.id]);
  });

  it('refuses words in a range for which no index helps, and a range that is none, and says so', async () => {
    const invalid = (told: string) => ({ code: 'REQUEST_INVALID', message: expect.stringContaining(told) });
    const far = { text: 'anything', from: '2024-01-01T00:00:00Z' };
    await expect(list(far)).rejects.toMatchObject(invalid('in at most 62 days'));
    expect((await list({ ...far, to: '2024-03-01T00:00:00Z' })).items).toEqual([]);
    await expect(list({ from: '2024-02-01T00:00:00Z', to: '2024-01-01T00:00:00Z' })).rejects.toMatchObject(
      invalid('from lies behind to'),
    );
  });

  it('refuses a query that reads too many events, and names the remedy', async () => {
    const slow = new EventStore({
      query: () =>
        admin
          .query(`set statement_timeout = 1; select pg_sleep(1)`)
          .finally(() => admin.query('reset statement_timeout')),
    } as unknown as Database);
    await expect(slow.list(tenant, {}, { limit: 1 })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringContaining('narrow it by from and to'),
    });
  });

  it('refuses words that are too short to be searched for', async () => {
    await expect(list({ text: 'ab' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('shows the events of all teams and of none to readers of the organisation, and to nobody else', async () => {
    const organisationId = randomUUID();
    const { teamId: _none, ...ofNone } = anEvent({ organisationId });
    const ofTeams = [anEvent({ organisationId }), anEvent({ organisationId, teamId: randomUUID() })];
    await append([...ofTeams, ofNone]);
    const own = { organisationId, teamId: DEFAULT_TEAM_ID };
    const principal = {
      kind: 'user' as const,
      id: 'eve',
      name: 'Eve',
      ...own,
      permissions: ['audit:read' as const],
    };
    const ask = (more: object): Promise<ReplyOf<typeof listAuditEvents>> =>
      list({ ...own, scope: 'organisation', ...more });
    await expect(ask({ principal })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    const reader = { ...principal, organisationPermissions: ['audit:read'] };
    expect(idsOf((await ask({ principal: reader })).items).toSorted()).toEqual(
      idsOf([...ofTeams, ofNone]).toSorted(),
    );
    expect(idsOf((await list(own)).items)).toEqual(idsOf(ofTeams.slice(0, 1)));
  });

  it('shows nothing of another team or organisation', async () => {
    expect((await list({ teamId: randomUUID() })).items).toEqual([]);
    expect((await list({ teamId, organisationId: randomUUID() })).items).toEqual([]);
  });

  it('refuses a page key that no page has returned', async () => {
    await expect(list({ page: { after: 'nonsense' } })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringContaining('pass back the `next`'),
    });
  });
});

describe('reading', () => {
  const readings = async (teamId: string): Promise<AuditEvent[]> =>
    (await query({ teamId, action: 'audit.read', page: { limit: 500 } })).items;

  it('is recorded once for all pages of a query, with what was asked for and by whom', async () => {
    const teamId = randomUUID();
    await append(eventsOf(teamId, 3));
    const first = await query({ teamId, actorId: 'ada', page: { limit: 2 } });
    await query({ teamId, actorId: 'ada', page: { limit: 2, after: first.next as string } });
    expect(await readings(teamId)).toEqual([
      expect.objectContaining({
        action: 'audit.read',
        actor: expect.objectContaining({ id: 'tester' }),
        object: { type: 'audit', id: teamId },
        teamId,
        detail: { actorId: 'ada' },
      }),
    ]);
  });

  it('is counted where the same query comes again and again, so that nobody can fill the log by reading', async () => {
    const teamId = randomUUID();
    for (let time = 0; time < 21; time += 1) await query({ teamId, objectId: 'f1' });
    const seen = async (): Promise<(number | undefined)[]> =>
      (await readings(teamId))
        .filter(({ detail }) => detail?.['objectId'] === 'f1')
        .map(({ count }) => count);
    expect(await seen()).toEqual([undefined]);
    await expect.poll(seen, { timeout: 15_000, interval: 1_000 }).toEqual([20, undefined]);
  });
});

describe('the indexes', () => {
  const teamId = randomUUID();

  it('serve every filter: a page reads few rows, however many there are', async () => {
    // All in one month: of a month with few rows all are read.
    const { rows } = await admin.query<{ newest: Date }>(
      `select case when now() - interval '6 hours' < date_trunc('month', now(), 'UTC')
                   then date_trunc('month', now(), 'UTC') - interval '1 minute' else now() end as newest`,
    );
    const newest = rows[0]?.newest ?? new Date();
    await admin.query(
      `insert into audit.event (time, id, organisation_id, team_id, actor_id, action, object_type, object_id, result, address, request_id, run_id, words, content)
       select $3::timestamptz - n * interval '1 second', gen_random_uuid(), $1, $2, 'a' || n % 50, 'run.v' || n % 10, 'flow', 'f' || n % 50,
              case when n % 100 = 0 then 'refused' else 'succeeded' end, '10.0.0.' || n % 50, 'q' || n % 5000, 'r' || n % 5000, 'name ' || md5(n::text), '{}'
       from generate_series(1, 20000) as n`,
      [DEFAULT_ORGANISATION_ID, teamId, newest],
    );
    await admin.query('analyze audit.event');
    const now = newest.toISOString();
    const filters: [AuditFilter, number][] = [
      [{}, 51],
      [{ actorId: 'a7' }, 51],
      [{ action: 'run.v3' }, 51],
      [{ action: 'run.*' }, 51],
      [{ objectId: 'f9' }, 51],
      [{ objectId: 'f9', objectType: 'flow' }, 51],
      [{ objectType: 'key' }, 0],
      [{ result: 'refused' }, 51],
      [{ result: 'succeeded' }, 51],
      [{ address: '10.0.0.7' }, 51],
      [{ requestId: 'q77' }, 4],
      [{ runId: 'r77' }, 4],
      [{ text: createHash('md5').update('77').digest('hex').slice(0, 12) }, 1],
      [{ from: new Date(newest.getTime() - 90_000).toISOString() }, 51],
    ];
    for (const scope of [{ organisationId: DEFAULT_ORGANISATION_ID }, { ...tenant, teamId }])
      for (const [filter, fewest] of filters) {
        const page = { after: { at: now, id: teamId }, limit: 51 };
        expect([filter, await rowsReadBy(scope, filter, page)]).toEqual([
          filter,
          expect.toSatisfy((n: number) => n >= fewest && n <= 300),
        ]);
      }
  });
});

/** Rows that Postgres reads for a page. */
async function rowsReadBy(scope: EventScope, filter: AuditFilter, page: EventPage): Promise<number> {
  let read = 0;
  const explaining = {
    query: async (sql: string, values: unknown[]) => {
      await admin.query('set search_path to audit');
      const { rows } = await admin.query(`explain (analyze, format json) ${sql}`, values);
      read = rowsRead(rows[0]['QUERY PLAN'][0].Plan);
      return { rows: [] };
    },
  };
  await new EventStore(explaining as unknown as Database).list(scope, filter, page);
  return read;
}

interface PlanNode {
  readonly Plans?: readonly PlanNode[];
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
}

/** Rows that the leaves of a plan have read. */
function rowsRead(node: PlanNode): number {
  if (!node.Plans?.length) return node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
  return node.Plans.reduce((sum, plan) => sum + rowsRead(plan), 0);
}
