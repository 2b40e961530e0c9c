import { randomUUID } from 'node:crypto';
import { REMOVAL } from '@causeway/audit-chain';
import { FolderStore, Lifecycle, openDatabase } from '@causeway/platform';
import { waitFor } from '@causeway/testing';
import { afterAll, expect, it } from 'vitest';
import type { Settings } from '../src/config.js';
import { monthAfter, monthBefore, monthOf } from '../src/domain/month.js';
import { Appending } from '../src/operations/appending.js';
import { BlockZero } from '../src/operations/block-zero.js';
import { Checkpoints } from '../src/operations/checkpoints.js';
import { Months } from '../src/operations/months.js';
import { Retaining } from '../src/operations/retaining.js';
import { ChainStore } from '../src/store/chain.store.js';
import { CheckpointStore } from '../src/store/checkpoint.store.js';
import { EventStore } from '../src/store/event.store.js';
import { RemovalStore } from '../src/store/removal.store.js';
import { anEvent, append, auditKey, exportAll, openAuditSite, problemsOf, verify } from './audit-site.js';

const site = await openAuditSite();
const { admin } = site;
const database = await openDatabase({ url: site.databaseUrl, service: 'audit', poolSize: 2 });
const store = new EventStore(database);
const chain = new ChainStore(database);
const settings = { auditMonths: 6, auditSigningKey: auditKey, auditCheckpointSeconds: 60 } as Settings;
const checkpoints = new Checkpoints(
  new CheckpointStore(database),
  chain,
  new FolderStore(site.objects),
  new Lifecycle(),
  settings,
);
const months = new Months(store);
const appending = new Appending(
  database,
  chain,
  months,
  new BlockZero(database, chain, checkpoints),
  checkpoints,
);
const retaining = new Retaining(
  database,
  store,
  new RemovalStore(),
  months,
  appending,
  checkpoints,
  settings,
);
afterAll(async () => {
  await database.pool.end();
  await site.close();
});
const now = new Date().toISOString();
const organisationId = randomUUID();
const inMonth = (months: number, day = '15'): string =>
  `${monthBefore(now, months).slice(0, 8)}${day}T12:00:00Z`;

it('whole months are removed when they are older than the setting says, an event tells of it, and the rest is still proven', async () => {
  const old = (months: number, count: number) =>
    Array.from({ length: count }, () =>
      anEvent({ organisationId, at: inMonth(months), teamId: randomUUID() }),
    );
  // The first block is of one month, the second one of three, the third one begins with a late event of an old month.
  for (const block of [
    old(20, 4),
    [...old(20, 2), ...old(7, 3), ...old(5, 2)],
    [...old(7, 1), ...old(0, 3)],
  ]) {
    await append(site, block);
    const covers = async (): Promise<boolean> =>
      (
        await admin.query(
          'select from checkpoint c where to_seq = (select max(seq) from event_seal where organisation_id = $1) and c.organisation_id = $1',
          [organisationId],
        )
      ).rowCount === 1;
    await waitFor(covers);
  }
  expect(problemsOf(verify(await exportAll(site, { organisationId })))).toEqual([]);
  const [plan] = (await retaining.plan()).kinds;
  expect(plan).toMatchObject({ kind: 'audit events', setting: 'CAUSEWAY_AUDIT_MONTHS', keepDays: 180 });
  expect(plan?.oldest).toBe(new Date(monthBefore(now, 20)).toISOString());
  expect(plan?.bytes).toBeGreaterThan(0);
  await retaining.round();
  const kept = (await store.months()).map(({ month }) => month);
  expect(kept.every((month) => month >= monthBefore(now, 6))).toBe(true);
  const { rows: seals } = await admin.query(
    'select count(*)::int as n from event_seal where organisation_id = $1',
    [organisationId],
  );
  const { rows: events } = await admin.query(
    'select count(*)::int as n from event where organisation_id = $1',
    [organisationId],
  );
  expect(seals).toEqual(events);
  const { rows: checkpoints } = await admin.query(
    'select min(number)::int as first from checkpoint where organisation_id = $1',
    [organisationId],
  );
  expect(checkpoints).toEqual([{ first: 1 }]);

  const lines = await exportAll(site, { organisationId });
  const told = lines
    .filter((line) => line.includes(`"action":"${REMOVAL}"`))
    .map((line) => JSON.parse(line).event);
  expect(
    told.map(({ object, detail, actor, teamId }) => [
      object.id,
      detail.events,
      detail.ranges,
      actor.kind,
      teamId,
    ]),
  ).toEqual([
    [monthBefore(now, 20).slice(0, 7), 6, [[1, 6]], 'system', undefined],
    [
      monthBefore(now, 7).slice(0, 7),
      4,
      [
        [7, 9],
        [12, 12],
      ],
      'system',
      undefined,
    ],
  ]);
  expect(verify(lines)).toMatchObject({ findings: [], isComplete: true, firstSeq: 10 });
  expect(problemsOf(verify(await exportAll(site, { organisationId, from: inMonth(5, '01') })))).toEqual([]);
  // The chain goes on behind what was removed.
  await append(site, old(0, 1));
  expect(problemsOf(verify(await exportAll(site, { organisationId })))).toEqual([]);
});

it('a chain whose events were all removed goes on with the next number', async () => {
  const other = randomUUID();
  await append(site, [anEvent({ organisationId: other, at: inMonth(20) })]);
  await retaining.round();
  const { rows: told } = await admin.query('select seq::int from event_seal where organisation_id = $1', [
    other,
  ]);
  expect(told).toEqual([{ seq: 2 }]);
  await append(site, [anEvent({ organisationId: other })]);
  expect(verify(await exportAll(site, { organisationId: other }))).toMatchObject({
    findings: [],
    events: 3,
    removed: 1,
  });
});

it('the database itself refuses to drop a recent month for every caller', async () => {
  for (const months of [0, 3])
    await expect(store.dropMonth(database, monthBefore(now, months))).rejects.toThrow(/too young/);
  await store.ensureMonth(monthAfter(monthOf(now)));
  await store.dropMonth(database, '2021-03-01');
});
