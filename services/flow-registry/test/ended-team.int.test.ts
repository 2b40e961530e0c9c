import { randomUUID } from 'node:crypto';
import {
  createFlow,
  createProject,
  createVariable,
  endTeamObjects,
  listFlows,
  listProjects,
  moveFlow,
  setWebhook,
} from '@causeway/contracts';
import { aFlow } from '@causeway/testing';
import { expect, test } from 'vitest';
import { type Actor, aStranger, givenValue, startRegistry, tenant } from './registry.js';

const registry = await startRegistry();
const { bus, admin, vault } = registry;
const UNKNOWN = { code: 'TEAM_UNKNOWN' };

const create = (actor: Actor, name = `flow ${randomUUID()}`) =>
  bus.request(createFlow, {
    ...actor,
    settings: { name },
    data: { inline: JSON.stringify(aFlow().chatInput().chatOutput().build().data) },
  });
const end = ({ principal: { organisationId, teamId } }: Actor) =>
  bus.request(endTeamObjects, { items: [{ id: randomUUID(), payload: { organisationId, teamId } }] });
const remaining = async ({ principal: { teamId } }: Actor) => {
  const { rows } = await admin.query<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM flow WHERE team_id = $1 AND deleted_at IS NULL) AS flows,
            (SELECT count(*)::int FROM project WHERE team_id = $1 AND deleted_at IS NULL) AS projects,
            (SELECT count(*)::int FROM variable WHERE team_id = $1) AS variables,
            (SELECT count(*)::int FROM file WHERE team_id = $1) AS files,
            (SELECT count(*)::int FROM flow_hook WHERE team_id = $1) AS hooks`,
    [teamId],
  );
  return rows[0];
};
const NOTHING = { flows: 0, projects: 0, variables: 0, files: 0, hooks: 0 };

/** Multiplies a flow by copies of its row, as if it had been made many times. */
async function multiply(flowId: string, times: number): Promise<void> {
  const { rows } = await admin.query<{ columns: string }>(
    `SELECT string_agg(format('%I', attname), ', ') AS columns FROM pg_attribute
     WHERE attrelid = 'flow'::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('id', 'name')`,
  );
  const versions = await admin.query<{ columns: string }>(
    `SELECT string_agg(format('%I', attname), ', ') AS columns FROM pg_attribute
     WHERE attrelid = 'flow_version'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'flow_id'`,
  );
  const flow = rows[0]?.columns ?? '';
  const version = versions.rows[0]?.columns ?? '';
  await admin.query('BEGIN');
  await admin.query(
    'CREATE TEMP TABLE copies ON COMMIT DROP AS SELECT gen_random_uuid() AS id FROM generate_series(1, $1::int)',
    [times],
  );
  await admin.query(
    `INSERT INTO flow (id, name, ${flow}) SELECT copies.id, 'copy ' || copies.id, ${flow.replace(/(\w+)/g, 'flow.$1')} FROM flow, copies WHERE flow.id = $1`,
    [flowId],
  );
  await admin.query(
    `INSERT INTO flow_version (flow_id, ${version}) SELECT copies.id, ${version.replace(/(\w+)/g, 'v.$1')} FROM flow_version v, copies WHERE v.flow_id = $1`,
    [flowId],
  );
  await admin.query('COMMIT');
}

test('everything of a deleted team is deleted, with an event for each, however much it is', async () => {
  const [actor, other] = [aStranger(), aStranger()];
  const kept = await create(other);
  const flow = await create(actor);
  const { teamId } = actor.principal;
  const tokenHash = randomUUID().replaceAll('-', '').repeat(2);
  await bus.request(setWebhook, { ...actor, flowId: flow.id, webhookId: randomUUID(), tokenHash });
  await bus.request(createProject, { ...actor, name: 'A' });
  await bus.request(createVariable, {
    ...actor,
    name: 'KEY',
    type: 'Generic',
    sealedValue: await givenValue(vault, 'x', teamId),
  });
  await multiply(flow.id, 1_500);
  expect(await remaining(actor)).toMatchObject({ flows: 1_501, variables: 1, hooks: 1 });
  await end(actor);
  expect(await remaining(actor)).toEqual(NOTHING);
  const { rows } = await admin.query<{ count: number }>(
    `SELECT count(*)::int FROM outbox WHERE team_id = $1 AND payload LIKE '%"flow.delete"%'`,
    [teamId],
  );
  expect(rows).toEqual([{ count: 1_501 }]);
  await end(actor);
  expect((await bus.request(listFlows, { ...tenant, teamId: other.principal.teamId })).items).toMatchObject([
    { id: kept.id },
  ]);
});

test('nothing is written in a team that was deleted, and nothing moves there or away', async () => {
  const [actor, other] = [aStranger(), aStranger()];
  const flow = await create(other);
  await create(actor);
  const { teamId } = actor.principal;
  // Callers who are still taken for its members write while it is deleted.
  const writers = Array.from({ length: 8 }, async () => {
    for (;;)
      try {
        await create(actor);
      } catch (error) {
        return error;
      }
  });
  await end(actor);
  for (const refusal of await Promise.all(writers)) expect(refusal).toMatchObject(UNKNOWN);
  expect(await remaining(actor)).toEqual(NOTHING);
  await expect(create(actor)).rejects.toMatchObject(UNKNOWN);
  await expect(bus.request(createProject, { ...actor, name: 'B' })).rejects.toMatchObject(UNKNOWN);
  await expect(bus.request(moveFlow, { ...movingTo(other, teamId), flowId: flow.id })).rejects.toMatchObject(
    UNKNOWN,
  );
  expect((await bus.request(listProjects, { ...tenant, teamId })).items).toEqual([]);
  expect((await create(other)).id).toBeDefined();
});

/** Somebody who may write in another team, too, and moves something there. */
function movingTo({ principal, requestId }: Actor, toTeamId: string): Actor & { toTeamId: string } {
  const other = { teamId: toTeamId, permissions: principal.permissions };
  return { principal: { ...principal, other }, requestId, toTeamId };
}
