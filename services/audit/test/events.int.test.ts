import { randomUUID } from 'node:crypto';
import {
  type AuditEvent,
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
import { type EventFilter, EventStore } from '../src/store/event.store.js';
import { bootService } from '@causeway/platform/testing';

const database = await testDatabase({ services: ['audit'] });
const nats = await testNats();
const settings = { CAUSEWAY_NATS_URL: nats.url, CAUSEWAY_DATABASE_URL: database.urls['audit'] as string };
const audit = await bootService(new URL('../dist/main.js', import.meta.url), settings);
const admin = new Client({ connectionString: database.adminUrl });
await admin.connect();
afterAll(async () => {
  await audit.close();
  await admin.end();
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

function list(
  over: Partial<z.input<typeof listAuditEvents.input>> = {},
): Promise<ReplyOf<typeof listAuditEvents>> {
  return audit.bus.request(listAuditEvents, { ...tenant, page: {}, ...over });
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

  it('refuses an event with an impossible time, so that it is not sent again and again, and keeps the other events', async () => {
    const teamId = randomUUID();
    const events = [
      anEvent({ teamId }),
      anEvent({ teamId, at: '1970-01-01T00:00:00Z' }),
      anEvent({ teamId }),
    ];
    const items = events.map((payload, n) => ({ id: `outbox-${n}`, payload }));
    expect(await audit.bus.request(appendAuditEvents, { items })).toEqual({
      confirmed: ['outbox-0', 'outbox-2'],
      refused: ['outbox-1'],
    });
    expect(await countOf(teamId)).toBe(2);
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

  it('leaves an event with an impossible time in its sender’s outbox, and keeps the other events', async () => {
    const teamId = randomUUID();
    const wrong = ['1970-01-01T00:00:00Z', '9999-12-31T00:00:00Z'].map((at) => anEvent({ teamId, at }));
    expect(await append([wrong[0] as AuditEvent, anEvent({ teamId }), wrong[1] as AuditEvent])).toEqual([
      'outbox-1',
    ]);
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
    object: { type: 'flow', id: `f${n % 3}` },
    result: n % 7 ? 'succeeded' : 'refused',
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
    ['several at once', { actorId: 'even', action: 'run.finish' }, (n: number) => n % 2 === 0 && n % 5 !== 0],
  ])('narrows by %s', async (_name, filter, keep) => {
    expect(idsOf((await list({ teamId, ...filter })).items)).toEqual(expected(keep));
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

describe('the indexes', () => {
  const teamId = randomUUID();

  it('serve every filter: a page reads few rows, however many there are', async () => {
    await admin.query(
      `insert into audit.event (time, id, organisation_id, team_id, actor_id, action, object_id, result, content)
       select now() - n * interval '1 second', gen_random_uuid(), $1, $2, 'a' || n % 50, 'run.v' || n % 10, 'f' || n % 50,
              case when n % 100 = 0 then 'refused' else 'succeeded' end, '{}'
       from generate_series(1, 20000) as n`,
      [DEFAULT_ORGANISATION_ID, teamId],
    );
    await admin.query('analyze audit.event');
    const now = new Date().toISOString();
    const filters: Partial<EventFilter>[] = [
      {},
      { actorId: 'a7' },
      { action: 'run.v3' },
      { objectId: 'f9' },
      { result: 'refused' },
      { result: 'succeeded' },
      { from: new Date(Date.now() - 90_000).toISOString() },
    ];
    for (const filter of filters) {
      const wanted = { ...tenant, teamId, ...filter, after: { at: now, id: teamId }, limit: 51 };
      expect([filter, await rowsReadBy(wanted)]).toEqual([
        filter,
        expect.toSatisfy((n: number) => n >= 51 && n <= 300),
      ]);
    }
  });
});

/** Rows that Postgres reads for a page. */
async function rowsReadBy(filter: EventFilter): Promise<number> {
  let read = 0;
  const explaining = {
    query: async (sql: string, values: unknown[]) => {
      await admin.query('set search_path to audit');
      const { rows } = await admin.query(`explain (analyze, format json) ${sql}`, values);
      read = rowsRead(rows[0]['QUERY PLAN'][0].Plan);
      return { rows: [] };
    },
  };
  await new EventStore(explaining as unknown as Database).list(filter);
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
