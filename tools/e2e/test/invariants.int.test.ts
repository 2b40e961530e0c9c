import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FIRST_PREVIOUS, chainHash, nextCheckpoint, readAuditKey, signValue } from '@causeway/audit-chain';
import { catalogue } from '@causeway/components/specs';
import { canonicalJson, compileFlow, parseFlowFile } from '@causeway/dag';
import { DataKeys, MasterKeys, SealedKind, Vault, readMasterKeys } from '@causeway/platform';
import { StoredKeys, wrappedFor } from '../src/stored-keys.js';
import { testDatabase } from '@causeway/testing';
import { Client } from 'pg';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type CheckedInvariant, checkInvariants, invariantReport } from '../src/check-invariants.js';
import { chatFlow } from './support/flows.js';

const database = await testDatabase();
const client = new Client({ connectionString: database.adminUrl });
await client.connect();
afterAll(() => client.end());

const masterKey = randomBytes(32).toString('base64');
const auditKey = readAuditKey(randomBytes(32).toString('base64'));
const tenant = [randomUUID(), randomUUID(), randomUUID()];
const [user, key] = [randomUUID(), randomUUID()];
const VERSION = 'a'.repeat(64);
/** A text that must be nowhere, and the folder of log files where it is looked for. */
const HIDDEN = 'the-key-that-nobody-may-read';
const logFolder = mkdtempSync(join(tmpdir(), 'causeway-logs-'));
afterAll(() => rmSync(logFolder, { recursive: true }));
/** A correct run, which each test breaks in one way. */
const run = { id: '', flow: '' };

const wrapping = new MasterKeys(readMasterKeys(masterKey));
const dataKeyId = randomUUID();
const wrapped = await wrapping.wrap(randomBytes(32), wrappedFor(tenant[0] as string, dataKeyId));
await client.query(`INSERT INTO auth.organisation (id, name) VALUES ($1, 'O')`, [tenant[0]]);
await client.query(
  `INSERT INTO auth.team (id, organisation_id, name, created_at) VALUES ($2, $1, 'T', now() - interval '1 day')`,
  tenant.slice(0, 2),
);
await client.query(`INSERT INTO auth."user" (id, organisation_id, team_id, name) VALUES ($3, $1, $2, 'me')`, [
  ...tenant.slice(0, 2),
  user,
]);
await client.query(
  `INSERT INTO auth.data_key (id, organisation_id, wrapped, master_id, is_current) VALUES ($1, $2, $3, $4, true)`,
  [dataKeyId, tenant[0], wrapped.wrapped, wrapped.masterId],
);

beforeEach(async () => {
  await client.query(`TRUNCATE executor.execution, executor.step_result, executor.step_attempt, executor.incident, executor.effect,
    executor.outbox, scheduler.run, scheduler.idempotency, scheduler.slot, flow_registry.flow, flow_registry.flow_version,
    audit.event, audit.event_seal, audit.checkpoint, auth.role_binding, auth.role, auth.api_key CASCADE`);
  await writeRole();
  run.id = randomUUID();
  run.flow = randomUUID();
  await writeVersion();
  await client.query(
    `INSERT INTO scheduler.run (id, organisation_id, team_id, project_id, flow_id, version_hash, status, trigger, principal_id,
                                released_at, queue_expires_at, finished_at)
     VALUES ($1, $2, $3, $4, $5, $6, 'succeeded', 'api', $7, now(), now() + interval '1 day', now())`,
    [run.id, ...tenant, run.flow, VERSION, user],
  );
  await client.query(
    `INSERT INTO scheduler.slot (scope, id, team_id, organisation_id, held, capacity) VALUES ('team', $2, $2, $1, 0, 10)`,
    tenant.slice(0, 2),
  );
  await client.query(
    `INSERT INTO executor.execution (run_id, organisation_id, team_id, project_id, flow_id, version_hash, status, epoch, engine_version,
                                     claimed_at, deadline_at, finished_at, last_seq)
     VALUES ($1, $2, $3, $4, $5, $6, 'succeeded', 1, 1, now(), now() + interval '5 min', now(), 6)`,
    [run.id, ...tenant, run.flow, VERSION],
  );
  for (const [index, { id, data }] of chatFlow().data.nodes.entries())
    await writeStep(id, index + 2, { type: data.type });
  await writeAudit();
});

test('a correct run breaks no invariant', async () => {
  const report = invariantReport(await check());
  expect(report).toMatch(/\n16 checked, 0 violated$/);
});

test('a limit that was lowered later does not apply to runs that were handed over before', async () => {
  await client.query(`UPDATE scheduler.slot SET capacity = 0, capacity_since = now() + interval '1 s'`);
  expect((await check()).find(({ number }) => number === 12)?.violations).toEqual([]);
});

test.each<[number, string, string]>([
  [
    1,
    'an idempotency key whose run is lost',
    `INSERT INTO scheduler.idempotency (team_id, key, request_hash, run_id, organisation_id)
     SELECT team_id, 'k', 'h', gen_random_uuid(), organisation_id FROM scheduler.run`,
  ],
  [1, 'an execution of a run that was never accepted', `DELETE FROM scheduler.run`],
  [
    2,
    'a run that outlives its deadline',
    `UPDATE executor.execution SET status = 'running', finished_at = NULL,
     deadline_at = now() - interval '2 min'`,
  ],
  [
    2,
    'a run that was handed over and no executor has',
    `UPDATE scheduler.run SET id = gen_random_uuid(), status = 'released',
     finished_at = NULL, released_at = now() - interval '2 min'`,
  ],
  [3, 'an event that is missing', `DELETE FROM executor.step_result WHERE seq = 3`],
  [3, 'an end that does not come last', `UPDATE executor.execution SET last_seq = 5`],
  [
    4,
    'a committed step that began again',
    `INSERT INTO executor.step_attempt
     SELECT run_id, path, 2, organisation_id, team_id, node_id, node_type, node_name, now() FROM executor.step_result WHERE seq = 4`,
  ],
  [
    4,
    'a step of an older owner behind one of a newer',
    `UPDATE executor.step_result SET epoch = 2 WHERE seq = 3`,
  ],
  [5, 'a step before what leads to it', `UPDATE executor.step_result SET seq = 9 - seq WHERE seq IN (4, 5)`],
  [
    5,
    'a step that began before what leads to it had ended',
    `UPDATE executor.step_result SET started_at = started_at - interval '1 s' WHERE seq = 4`,
  ],
  [6, 'a node without a result', `DELETE FROM executor.step_result WHERE node_type = 'Prompt'`],
  [
    7,
    'a step that began long after the cancel',
    `UPDATE executor.execution SET cancel_requested_at = now() - interval '1 min'`,
  ],
  [7, 'a result behind the end', `UPDATE executor.step_result SET seq = 7 WHERE seq = 5`],
  [
    8,
    'a row that is never sent',
    `INSERT INTO executor.outbox
     SELECT gen_random_uuid(), 'req.audit.event.append.v1', '{}', organisation_id, team_id, now() - interval '2 min' FROM scheduler.run`,
  ],
  [
    10,
    'an effect that was never settled',
    `INSERT INTO executor.effect
     SELECT run_id, path, organisation_id, team_id, 1, 'intent', 'unsafe', 'send', 'k', 'h', now() FROM executor.step_result WHERE seq = 4`,
  ],
  [
    12,
    'a team that may run nothing and did',
    `UPDATE scheduler.run SET released_at = now() - interval '1 s';
     UPDATE scheduler.slot SET capacity = 0, capacity_since = now() - interval '2 s'`,
  ],
  [
    12,
    'a run that was handed over on top of those that a lowered limit allows',
    `UPDATE scheduler.run SET released_at = now() - interval '1 min', finished_at = now() + interval '1 min';
     INSERT INTO scheduler.run (id, organisation_id, team_id, project_id, flow_id, version_hash, status, trigger, principal_id,
                                released_at, queue_expires_at)
     SELECT gen_random_uuid(), organisation_id, team_id, project_id, flow_id, version_hash, 'released', 'api', 'me', now(), now()
     FROM scheduler.run;
     UPDATE scheduler.slot SET capacity = 1, capacity_since = now() - interval '2 s'`,
  ],
  [
    13,
    'an audit event that was changed',
    `UPDATE audit.event SET content = replace(content, '"n":2', '"n":7')`,
  ],
  [13, 'an audit event that was deleted', `DELETE FROM audit.event WHERE content LIKE '%"n":2%'`],
  [
    13,
    'an audit event that was deleted with its place',
    `DELETE FROM audit.event_seal WHERE seq = 2; DELETE FROM audit.event WHERE content LIKE '%"n":2%'`,
  ],
  [
    13,
    'the last audit event, deleted with its place',
    `DELETE FROM audit.event_seal WHERE seq = 3; DELETE FROM audit.event WHERE content LIKE '%"n":3%'`,
  ],
  [13, 'an audit event without a place', `DELETE FROM audit.event_seal WHERE seq = 3`],
  [
    13,
    'a checkpoint that was changed',
    `UPDATE audit.checkpoint SET content = replace(content, '2026', '2025')`,
  ],
  [13, 'a checkpoint of other events', `UPDATE audit.event_seal SET hash = sha256(hash)`],
  [
    13,
    'a flow whose making is in no audit event',
    `UPDATE flow_registry.flow SET created_at = now() - interval '2 min'`,
  ],
  [
    13,
    'a key whose end is in no audit event',
    `UPDATE auth.api_key SET revoked_at = now() - interval '2 min'`,
  ],
  [
    13,
    'a role binding that nobody made',
    `UPDATE auth.role_binding SET created_at = now() - interval '2 min'`,
  ],
  [14, 'a run of somebody who has no role', `DELETE FROM auth.role_binding`],
  [14, 'a run of somebody whose role does not allow it', `UPDATE auth.role_binding SET role = 'viewer'`],
  [
    14,
    'a run of somebody whose role is elsewhere',
    `UPDATE auth.role_binding SET object_id = gen_random_uuid()`,
  ],
  [
    14,
    'a run of somebody who got a role long after it',
    `UPDATE auth.role_binding SET created_at = now() + interval '1 hour'`,
  ],
  [
    14,
    'a run of somebody whose role had ended',
    `DELETE FROM auth.role_binding;
     INSERT INTO audit.event (time, id, organisation_id, actor_id, action, object_id, result, content)
     SELECT date_trunc('day', now()), gen_random_uuid(), organisation_id, 'u', 'role_binding.delete', 'b', 'succeeded',
            jsonb_build_object('detail', jsonb_build_object('subject', jsonb_build_object('id', principal_id), 'role', 'editor',
                               'level', 'team', 'objectId', team_id))::text
     FROM scheduler.run`,
  ],
  [14, 'a run with a key that had ended', `UPDATE auth.api_key SET revoked_at = now() - interval '2 min'`],
  [
    14,
    'a run of a custom role that allows something else',
    `UPDATE auth.role_binding SET role = 'own';
     INSERT INTO auth.role (id, organisation_id, name, permissions) SELECT id, organisation_id, 'own', '{flow:read}' FROM auth.role_binding`,
  ],
  [14, 'a run of a flow of another team', `UPDATE scheduler.run SET team_id = gen_random_uuid()`],
  [15, 'a secret in a column', `UPDATE auth.api_key SET name = '${HIDDEN}'`],
  [15, 'a secret in base64', `UPDATE auth.api_key SET masked = encode('${HIDDEN}', 'base64')`],
  [16, 'a dead run without a reason', `UPDATE executor.execution SET status = 'dead'`],
  [
    17,
    'a run with different ends in scheduler and executor',
    `UPDATE executor.execution SET status = 'failed'`,
  ],
  [17, 'a slot that no run uses', `UPDATE scheduler.slot SET held = 1`],
  [17, 'an end without an audit event', `UPDATE scheduler.run SET finished_at = now() - interval '2 min'`],
  [
    17,
    'a submit without an audit event',
    `UPDATE scheduler.run SET submitted_at = now() - interval '2 min'; UPDATE audit.event SET action = 'a.b'`,
  ],
  [
    17,
    'a run that has ended and still holds its slot',
    `UPDATE scheduler.run SET status = 'released', finished_at = NULL; UPDATE scheduler.slot SET held = 1;
     UPDATE executor.execution SET finished_at = now() - interval '2 min'`,
  ],
])('%i is broken by %s', async (number, _how, change) => {
  await client.query(change);
  const broken = (await check()).filter(({ violations }) => violations.length > 0);
  expect(broken.map((one) => one.number)).toContain(number);
});

test('15 is broken by a secret in a log file', async () => {
  const file = join(logFolder, 'executor.log');
  writeFileSync(file, `{"msg":"key ${HIDDEN}"}\n`);
  const broken = (await check()).filter(({ violations }) => violations.length > 0);
  rmSync(file);
  expect(broken).toMatchObject([{ number: 15, violations: ['executor.log has a secret'] }]);
});

/** The caller's role is in another team, with which the flow is shared. */
const SHARED = `
  UPDATE auth.role_binding SET object_id = organisation_id, created_at = now() - interval '1 hour';
  INSERT INTO auth.role_binding (id, organisation_id, subject_kind, subject_id, role, level, object_id, team_id, created_at)
  SELECT gen_random_uuid(), organisation_id, 'team', organisation_id, 'runner', 'flow', flow_id, team_id, now() - interval '1 hour'
  FROM scheduler.run;`;
/** The flow was moved to another team after its run, with its version left where it was made. */
const MOVED = `
  UPDATE flow_registry.flow SET former_team_ids = ARRAY[team_id], team_id = organisation_id;
  INSERT INTO audit.event (time, id, organisation_id, actor_id, action, object_id, result, content)
  SELECT now(), gen_random_uuid(), organisation_id, 'u', 'flow.move', flow_id::text, 'succeeded',
         jsonb_build_object('detail', jsonb_build_object('from', team_id, 'to', organisation_id))::text
  FROM scheduler.run;`;

test.each([
  ['a run by a share', SHARED],
  [
    'a run by a share that ended with the team that had it',
    `${SHARED}
     INSERT INTO audit.event (time, id, organisation_id, actor_id, action, object_id, result, content)
     SELECT now(), gen_random_uuid(), organisation_id, 'u', 'role_binding.delete', id::text, 'succeeded',
            jsonb_build_object('teamId', team_id, 'detail', jsonb_build_object('subject', jsonb_build_object('id', subject_id),
                               'role', role, 'level', level, 'objectId', object_id))::text
     FROM auth.role_binding;
     DELETE FROM auth.role_binding`,
  ],
  ['a run of a flow that was moved after it', MOVED],
])('14 is not broken by %s', async (_what, change) => {
  await client.query(change);
  expect((await check()).find(({ number }) => number === 14)).toMatchObject({ looked: 1, violations: [] });
});

test.each([
  [
    'a share with a team in which the caller has no role',
    `${SHARED} UPDATE auth.role_binding SET object_id = gen_random_uuid() WHERE subject_kind = 'user'`,
    'no role',
  ],
  [
    'a share with a team in which the caller has a role in one flow only',
    `${SHARED} UPDATE auth.role_binding SET level = 'flow', team_id = object_id WHERE subject_kind = 'user'`,
    'no role',
  ],
  [
    'a share that does not allow it',
    `${SHARED} UPDATE auth.role_binding SET role = 'viewer' WHERE subject_kind = 'team'`,
    'no role',
  ],
  [
    'a share of another flow',
    `${SHARED} UPDATE auth.role_binding SET object_id = gen_random_uuid() WHERE subject_kind = 'team'`,
    'no role',
  ],
  [
    'a share that was made long after the run',
    `${SHARED} UPDATE auth.role_binding SET created_at = now() + interval '1 hour' WHERE subject_kind = 'team'`,
    'no role',
  ],
  [
    'a run for the former team of a flow, after its move',
    `${MOVED} UPDATE scheduler.run SET submitted_at = now() + interval '1 hour'`,
    'had left before',
  ],
  [
    'a run for a team from which its flow was never moved',
    `${MOVED} UPDATE flow_registry.flow SET former_team_ids = '{}'`,
    'its flow of team',
  ],
  [
    'a version of a team that never had the flow',
    `UPDATE flow_registry.flow_version SET team_id = gen_random_uuid()`,
    'its version of team',
  ],
])('14 is broken by %s', async (_what, change, problem) => {
  await client.query(change);
  expect((await check()).find(({ number }) => number === 14)?.violations).toContainEqual(
    expect.stringContaining(problem),
  );
});

test('14 is not broken by a role that had ended a moment before the run, which gateways may have remembered', async () => {
  await client.query(`DELETE FROM auth.role_binding;
     INSERT INTO audit.event (time, id, organisation_id, actor_id, action, object_id, result, content)
     SELECT submitted_at - interval '1 s', gen_random_uuid(), organisation_id, 'u', 'role_binding.delete', 'b', 'succeeded',
            jsonb_build_object('detail', jsonb_build_object('subject', jsonb_build_object('id', principal_id), 'role', 'runner',
                               'level', 'flow', 'objectId', flow_id), 'teamId', team_id)::text
     FROM scheduler.run`);
  expect((await check()).find(({ number }) => number === 14)).toMatchObject({ looked: 1, violations: [] });
});

test.each([
  ['succeeded', 'failed', 1],
  ['not succeeded', 'succeeded', 1],
  ['accepted', 'failed', 0],
  ['succeeded', 'succeeded', 0],
] as const)(
  'an answer %s to a client about a run that is %s gives %i violations',
  async (outcome, status, count) => {
    await client.query(`UPDATE executor.execution SET status = '${status}'`);
    expect(await toldViolations(run.id, outcome)).toHaveLength(count);
  },
);

test('an answer to a client about a run that does not exist', async () => {
  expect(await toldViolations(randomUUID(), 'accepted')).toHaveLength(1);
});

async function toldViolations(
  runId: string,
  outcome: 'accepted' | 'succeeded' | 'not succeeded',
): Promise<readonly string[]> {
  const checked = await checkInvariants({ url: database.adminUrl, masterKey, auditKeys: [auditKey] }, [
    { runId, outcome },
  ]);
  return checked.find(({ number }) => number === 18)?.violations ?? ['was not checked'];
}

function check(): Promise<CheckedInvariant[]> {
  const hidden = { texts: [HIDDEN], logFolder };
  return checkInvariants({ url: database.adminUrl, masterKey, auditKeys: [auditKey], hidden });
}

/** A role that allows the run, and the key that was used. */
async function writeRole(): Promise<void> {
  await client.query(
    `INSERT INTO auth.role_binding (id, organisation_id, subject_kind, subject_id, role, level, object_id)
     VALUES (gen_random_uuid(), $1, 'user', $3, 'runner', 'team', $2)`,
    [...tenant.slice(0, 2), user],
  );
  await client.query(
    `INSERT INTO auth.api_key (id, organisation_id, team_id, user_id, name, key_hash, masked, permissions)
     VALUES ($4, $1, $2, $3, 'k', $5, 'sk-…', '{flow:run}')`,
    [...tenant.slice(0, 2), user, key, VERSION],
  );
}

/** Three audit events with a checkpoint. */
async function writeAudit(): Promise<void> {
  const organisationId = tenant[0] as string;
  await client.query('SELECT audit.ensure_event_month(now()::date)');
  const hashes: string[] = [];
  for (const n of [1, 2, 3]) {
    const submit = { action: 'run.submit', runId: run.id, actor: { kind: 'user', id: user, keyId: key } };
    const content = canonicalJson({ ...(n === 1 ? submit : { action: 'a.b' }), n, organisationId });
    hashes.push(chainHash(hashes.at(-1) ?? FIRST_PREVIOUS, content));
    const id = randomUUID();
    await client.query(
      `INSERT INTO audit.event (time, id, organisation_id, actor_id, action, object_id, result, content)
       VALUES (date_trunc('day', now()), $1, $2, 'u', $4, 'o', 'succeeded', $3)`,
      [id, organisationId, content, n === 1 ? 'run.submit' : 'a.b'],
    );
    await client.query(
      `INSERT INTO audit.event_seal VALUES (date_trunc('day', now()), $1, $2, $3, decode($4, 'hex'))`,
      [id, organisationId, n, hashes.at(-1)],
    );
  }
  const checkpoint = nextCheckpoint(undefined, hashes, {
    organisationId,
    at: '2026-11-30T12:00:00.000Z',
    keyId: auditKey.keyId,
  });
  await client.query('INSERT INTO audit.checkpoint VALUES ($1, 1, 1, 3, $2, $3)', [
    organisationId,
    canonicalJson(checkpoint),
    signValue('checkpoint', checkpoint, auditKey),
  ]);
}

async function writeVersion(): Promise<void> {
  const [flow] = parseFlowFile(JSON.stringify(chatFlow())).flows;
  if (!flow) throw new Error('the chat flow cannot be read');
  const plan = gzipSync(JSON.stringify(compileFlow(flow, catalogue))).toString('base64');
  const [organisationId = ''] = tenant;
  const vault = new Vault(new DataKeys(new StoredKeys(client, masterKey)));
  const id = `${run.flow}/${VERSION}/test`;
  const sealed = await vault.seal(plan, { organisationId, kind: SealedKind.plan, id, part: 'plan' });
  await client.query('BEGIN');
  await client.query(
    `INSERT INTO flow_registry.project (id, organisation_id, team_id, name, created_at) VALUES ($3, $1, $2, 'P', now() - interval '1 day') ON CONFLICT DO NOTHING`,
    tenant,
  );
  await client.query(
    `INSERT INTO flow_registry.flow (id, organisation_id, team_id, project_id, user_id, name, version_hash, data)
     VALUES ($1, $2, $3, $4, 'me', 'Chat', $5, '')`,
    [run.flow, ...tenant, VERSION],
  );
  await client.query(
    `INSERT INTO flow_registry.flow_version (flow_id, version_hash, organisation_id, team_id, content)
     VALUES ($1, $2, $3, $4, '')`,
    [run.flow, VERSION, tenant[0], tenant[1]],
  );
  await client.query(
    `INSERT INTO flow_registry.compiled_plan (flow_id, version_hash, organisation_id, compiled_by, plan, problems, variable_uses)
     VALUES ($1, $2, $3, 'test', $4, '[]', '[]')`,
    [run.flow, VERSION, organisationId, sealed],
  );
  await client.query('COMMIT');
}

async function writeStep(path: string, seq: number, { type }: { type: string }): Promise<void> {
  await client.query(
    `INSERT INTO executor.step_result (run_id, path, organisation_id, team_id, seq, epoch, node_id, node_type, node_name, status,
                                       started_at, finished_at)
     VALUES ($1, $2, $3, $4, $5::int, 1, $2, $6, $2, 'succeeded', now() + $5::int * interval '10 ms', now() + $5::int * interval '10 ms' + interval '5 ms')`,
    [run.id, path, tenant[0], tenant[1], seq, type],
  );
}
