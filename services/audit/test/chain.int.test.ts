import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type SignedCheckpoint, isSignedBy, readAuditKey } from '@causeway/audit-chain';
import { type AuditEvent, listAuditKeys } from '@causeway/contracts';
import { bootService } from '@causeway/platform/testing';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type AuditSite,
  anEvent,
  append,
  auditKey,
  exportAll,
  exportPart,
  openAuditSite,
  problemsOf,
  verify,
} from './audit-site.js';

const old = randomUUID();
const site = await openAuditSite(async (admin) => {
  await admin.query(
    'select ensure_event_month(now()::date), ensure_event_month((now() - interval $$1 month$$)::date)',
  );
  // Recorded by a build that had no chain.
  await admin.query(
    `insert into event (time, id, organisation_id, team_id, actor_id, action, object_id, result, content, recorded_at)
     select at, id, $1::text::uuid, null, 'u', 'a.b', 'o', 'succeeded', format('{"action":"a.b","id":"%s","organisationId":"%s"}', id, $1::text), chain_began() - interval '1 day'
     from (select gen_random_uuid() as id, now() - n * interval '1 minute' as at from generate_series(1, 4500) as n) as e`,
    [old],
  );
});
const { admin, audit } = site;
afterAll(() => site.close());

const events = (
  organisationId: string,
  count: number,
  over: (n: number) => Partial<AuditEvent> = () => ({}),
): AuditEvent[] => Array.from({ length: count }, (_, n) => anEvent({ organisationId, ...over(n) }));

async function sealsOf(organisationId: string): Promise<number[]> {
  const { rows } = await admin.query(
    'select seq::int from event_seal where organisation_id = $1 order by seq',
    [organisationId],
  );
  return rows.map(({ seq }) => seq);
}

async function checkpointsOf(organisationId: string): Promise<SignedCheckpoint[]> {
  const { rows } = await admin.query(
    'select content, signature from checkpoint where organisation_id = $1 order by number',
    [organisationId],
  );
  return rows.map(({ content, signature }) => ({ checkpoint: JSON.parse(content), signature }));
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

describe('sealing', () => {
  it('gives each event one number, without a gap, when two services get the same events in any order', async () => {
    const organisationId = randomUUID();
    const other: Pick<AuditSite, 'audit'> = {
      audit: await bootService(new URL('../dist/main.js', import.meta.url), site.settings),
    };
    try {
      const all = events(organisationId, 400);
      await Promise.all(
        [all, all.toReversed(), all].flatMap((some) => [append(site, some), append(other, some)]),
      );
      expect(await sealsOf(organisationId)).toEqual(numbers(400));
      expect(problemsOf(verify(await exportAll(site, { organisationId })))).toEqual([]);
    } finally {
      await other.audit.close();
    }
  });

  it('seals a late event of an old month behind the newer ones, and proves both', async () => {
    const organisationId = randomUUID();
    await append(site, events(organisationId, 3));
    const late = anEvent({ organisationId, at: '2023-04-30T23:59:59.999Z' });
    await append(site, [late]);
    await append(site, events(organisationId, 2));
    const { rows } = await admin.query(
      'select seq::int, tableoid::regclass::text as month from event_seal where id = $1',
      [late.id],
    );
    expect(rows).toEqual([{ seq: 4, month: 'event_seal_2023_04' }]);
    expect(verify(await exportAll(site, { organisationId }))).toMatchObject({ findings: [], events: 7 });
  });

  it('seals the events that are older than the chain as block 0, before the first newer one', async () => {
    await append(site, [anEvent({ organisationId: old })]);
    expect(await sealsOf(old)).toEqual(numbers(4_501));
    const lines = await exportAll(site, { organisationId: old });
    expect(verify(lines)).toMatchObject({ findings: [], events: 4_502, beforeChain: 4_500 });
    const [first, second] = await checkpointsOf(old);
    expect(first?.checkpoint).toMatchObject({ number: 1, from: 1, to: 4_500, isBlockZero: true });
    expect(second?.checkpoint).toMatchObject({ number: 2, from: 4_501 });
    expect(second?.checkpoint.isBlockZero).toBeUndefined();
  });
});

describe('a checkpoint', () => {
  it('is signed soon, covers the new events, follows the one before it, and is also outside the database', async () => {
    const organisationId = randomUUID();
    for (const reached of [2, 5]) {
      await append(site, events(organisationId, reached === 2 ? 2 : 3));
      await expect
        .poll(async () => (await checkpointsOf(organisationId)).at(-1)?.checkpoint.to, { timeout: 5_000 })
        .toBe(reached);
    }
    const made = await checkpointsOf(organisationId);
    for (const { checkpoint, signature } of made)
      expect(isSignedBy('checkpoint', checkpoint, signature, auditKey)).toBe(true);
    const folder = join(site.objects, 'kept/audit', organisationId);
    const outside = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as SignedCheckpoint);
    expect(outside).toEqual(made);
    expect(new Set(outside.map(({ checkpoint }) => checkpoint.number))).toEqual(
      new Set(numbers(made.length)),
    );
  });

  it('is made for events that a service left without one, with its present key, and former keys are still known', async () => {
    const organisationId = randomUUID();
    await append(site, events(organisationId, 3));
    await expect.poll(async () => (await checkpointsOf(organisationId)).length, { timeout: 5_000 }).toBe(1);
    const fresh = randomBytes(32).toString('base64');
    const [{ publicKey: former } = { publicKey: '' }] = (await audit.bus.request(listAuditKeys, {})).items;
    await append(site, events(organisationId, 2));
    await audit.stop();
    // As if it had been killed and had made none at its end.
    await admin.query('delete from checkpoint where organisation_id = $1 and number > 1', [organisationId]);
    await audit.start({ CAUSEWAY_AUDIT_SIGNING_KEY: fresh, CAUSEWAY_AUDIT_PUBLIC_KEYS: former });
    const newKey = readAuditKey(fresh);
    const last = async () => (await checkpointsOf(organisationId)).at(-1)?.checkpoint;
    await expect
      .poll(last, { timeout: 5_000 })
      .toMatchObject({ number: 2, from: 4, to: 5, keyId: newKey.keyId });
    const { items } = await audit.bus.request(listAuditKeys, {});
    expect(items.map(({ keyId, isCurrent }) => [keyId, isCurrent])).toEqual([
      [newKey.keyId, true],
      [auditKey.keyId, false],
    ]);
    const lines = await exportAll(site, { organisationId });
    expect(verify(lines, [newKey, auditKey])).toMatchObject({
      findings: [],
      keyIds: [auditKey.keyId, newKey.keyId],
    });
    expect(problemsOf(verify(lines, [newKey]))[0]).toContain(
      `checkpoint 1 is signed with the key ${auditKey.keyId}`,
    );
    await audit.stop();
    await audit.start();
  });
});

describe('an export', () => {
  it('of one team or of a range of time is proven event by event', async () => {
    const organisationId = randomUUID();
    const [teamId, other] = [randomUUID(), randomUUID()];
    const minutes = (n: number): string => new Date(Date.now() - n * 60_000).toISOString();
    await append(
      site,
      events(organisationId, 1_300, (n) => ({ teamId: n % 3 ? other : teamId, at: minutes(2_000 - n) })),
    );
    const ofTeam = await exportAll(site, { organisationId, teamId, scope: 'team' });
    // The export itself is an event of the team.
    expect(verify(ofTeam)).toMatchObject({
      findings: [],
      isComplete: false,
      events: 435,
      filter: { teamId },
    });
    const ofTime = verify(
      await exportAll(site, { organisationId, from: minutes(2_000.5), to: minutes(1_000.5) }),
    );
    expect(ofTime).toMatchObject({ findings: [], isComplete: false, events: 1_000 });
    expect(verify(await exportAll(site, { organisationId, actorId: 'nobody' }))).toMatchObject({
      findings: [],
      events: 0,
    });
  });

  it('goes on where it was, and a cursor that was changed or is of another export is refused', async () => {
    const organisationId = randomUUID();
    await append(site, events(organisationId, 1_200));
    const first = await exportPart(site, { organisationId });
    await append(site, events(organisationId, 10));
    const after = first.next as string;
    const rest = await exportAll(site, { organisationId, after });
    // As long as the chain was when it began.
    expect(verify([...first.lines, ...rest])).toMatchObject({
      findings: [],
      isComplete: true,
      events: 1_201,
    });
    const refused = {
      code: 'REQUEST_INVALID',
      message: expect.stringContaining('not a cursor of this export'),
    };
    await expect(exportPart(site, { organisationId, actorId: 'ada', after })).rejects.toMatchObject(refused);
    const [text = '', mac = ''] = after.split('.');
    const state = JSON.parse(Buffer.from(text, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...state, count: 499 })).toString('base64url');
    await expect(exportPart(site, { organisationId, after: `${forged}.${mac}` })).rejects.toMatchObject(
      refused,
    );
  });

  it('is itself an event, once', async () => {
    const organisationId = randomUUID();
    await append(site, events(organisationId, 600));
    const lines = await exportAll(site, { organisationId });
    const told = lines.filter((line) => line.includes('"action":"audit.export"'));
    expect(told).toHaveLength(1);
    expect(JSON.parse(told[0] as string).event).toMatchObject({
      actor: { id: 'auditor' },
      object: { type: 'audit', id: organisationId },
    });
  });

  it('is refused to who may read only the own team', async () => {
    const [organisationId, teamId] = [randomUUID(), randomUUID()];
    const principal = {
      kind: 'user',
      id: 'eve',
      name: 'Eve',
      organisationId,
      teamId,
      permissions: ['audit:read'],
    };
    const { exportAuditEvents } = await import('@causeway/contracts');
    const question = { organisationId, teamId, scope: 'organisation' as const, principal };
    await expect(audit.bus.request(exportAuditEvents, question)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });
});

describe('a change in the database', () => {
  /** A chain of 25 events with two checkpoints, changed by somebody with every right, and exported. */
  async function changed(
    sql: (organisationId: string, ids: readonly string[]) => string | readonly string[],
  ): Promise<string> {
    const organisationId = randomUUID();
    const all = events(organisationId, 20, (n) => ({
      at: new Date(Date.now() - (100 - n) * 1_000).toISOString(),
    }));
    await append(site, all.slice(0, 10));
    await expect
      .poll(async () => (await checkpointsOf(organisationId)).at(-1)?.checkpoint.to, { timeout: 5_000 })
      .toBe(10);
    await append(site, all.slice(10));
    await expect
      .poll(async () => (await checkpointsOf(organisationId)).at(-1)?.checkpoint.to, { timeout: 5_000 })
      .toBe(20);
    for (const statement of [
      sql(
        organisationId,
        all.map(({ id }) => id),
      ),
    ].flat())
      await admin.query(statement);
    const whole = verify(await exportAll(site, { organisationId }));
    expect(whole.isProven).toBe(false);
    return problemsOf(whole).join('\n');
  }

  it('of an event is found, and the event is named', async () => {
    let id = '';
    const told = await changed((_o, ids) => {
      id = ids[4] as string;
      return `update event set content = replace(content, '"Ada"', '"Eve"') where id = '${id}'`;
    });
    expect(told).toContain(`event 5 (${id}) was changed`);
  });

  it('that deletes an event is found, also the last one', async () => {
    expect(
      await changed((_o, ids) => [
        `delete from event where id = '${ids[6]}'`,
        `delete from event_seal where id = '${ids[6]}'`,
      ]),
    ).toMatch(/^event 7 is missing/m);
    expect(await changed((_o, ids) => [`delete from event where id = '${ids[6]}'`])).toMatch(
      /^event 7 is missing/m,
    );
    const tail = await changed((o, ids) => [
      `delete from event where id in (${ids
        .slice(15)
        .map((id) => `'${id}'`)
        .join()})`,
      `delete from event_seal where organisation_id = '${o}' and seq > 15`,
    ]);
    expect(tail).toMatch(/the events 16 to 20 are missing/);
  });

  it('that swaps two events is found', async () => {
    const told = await changed((o) => [
      `update event_seal s set seq = case seq when 3 then 4 else 3 end where organisation_id = '${o}' and seq in (3, 4)`,
    ]);
    expect(told).toMatch(/event 3 .*(was changed|does not follow)/);
  });

  it('that adds an event is found', async () => {
    const told = await changed((o) =>
      [
        `insert into event (time, id, organisation_id, actor_id, action, object_id, result, content)
       values (now() - interval '50 s', '0193571f-7a3c-7e2e-9a5e-111111111111', '${o}', 'u', 'a.b', 'o', 'succeeded',
         '{"action":"a.b","id":"0193571f-7a3c-7e2e-9a5e-111111111111","organisationId":"${o}"}')`,
        `insert into event_seal select now() - interval '50 s', id, organisation_id, 21, decode(repeat('ab', 32), 'hex') from event where id = '0193571f-7a3c-7e2e-9a5e-111111111111'`,
      ].map((sql) => sql.replaceAll('now()', () => "date_trunc('hour', now())")),
    );
    expect(told).toMatch(/event 21 \(0193571f-7a3c-7e2e-9a5e-111111111111\) was changed/);
  });

  it('of a checkpoint is found, and the checkpoint is named', async () => {
    const told = await changed(
      (o) =>
        `update checkpoint set content = replace(content, '"from":1,', '"from":2,') where organisation_id = '${o}' and number = 1`,
    );
    expect(told).toMatch(/checkpoint 1 was changed: its signature is wrong/);
  });

  it('that chains everything anew is found by the checkpoint that was signed before', async () => {
    const { chainHash, FIRST_PREVIOUS } = await import('@causeway/audit-chain');
    const organisationId = randomUUID();
    await append(site, events(organisationId, 12));
    await expect
      .poll(async () => (await checkpointsOf(organisationId)).at(-1)?.checkpoint.to, { timeout: 5_000 })
      .toBe(12);
    const { rows } = await admin.query(
      'select e.id, e.content, s.seq::int from event e join event_seal s using (time, id) where s.organisation_id = $1 order by s.seq',
      [organisationId],
    );
    let previous = FIRST_PREVIOUS;
    for (const { id, content, seq } of rows) {
      const forged = seq === 3 ? content.replace('"Ada"', '"Eve"') : content;
      previous = chainHash(previous, forged);
      await admin.query('update event set content = $2 where id = $1', [id, forged]);
      await admin.query(`update event_seal set hash = decode($2, 'hex') where id = $1`, [id, previous]);
    }
    const report = verify(await exportAll(site, { organisationId }));
    expect(problemsOf(report)).toContain(
      'the events 1 to 12 are not those that checkpoint 1 has signed: they were replaced',
    );
    const ofTeam = verify(await exportAll(site, { organisationId, actorId: 'ada' }));
    expect(problemsOf(ofTeam)[0]).toMatch(/event 1 .* is not the event that checkpoint 1 has at this place/);
  });
});
