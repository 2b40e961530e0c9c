import { randomUUID } from 'node:crypto';
import { DEFAULT_ORGANISATION_ID, DEFAULT_PROJECT_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { PrismaClient } from '../src/store/generated/client.js';

const database = await testDatabase({ services: ['flow-registry'] });
const pool = new Pool({ connectionString: database.urls['flow-registry'] as string, max: 2 });
const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { schema: 'flow_registry' }) });
afterAll(() => pool.end());

const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };
const HASH = 'a'.repeat(64);

function aFlow(over: { name?: string; endpointName?: string; projectId?: string; deletedAt?: Date } = {}) {
  return {
    id: randomUUID(),
    ...tenant,
    projectId: DEFAULT_PROJECT_ID,
    userId: 'u',
    name: randomUUID(),
    versionHash: HASH,
    data: 'sealed',
    ...over,
  };
}

function aVersion(flowId: string, versionHash = HASH) {
  return {
    flowId,
    versionHash,
    ...tenant,
    content: 'c',
  };
}

async function insertFlow(flow: ReturnType<typeof aFlow>): Promise<string> {
  await prisma.$transaction([
    prisma.flow.create({ data: flow }),
    prisma.flowVersion.create({ data: aVersion(flow.id) }),
  ]);
  return flow.id;
}

describe('the migrated schema', () => {
  it('finds a flow that is not deleted by its name with an index', async () => {
    const { rows } = await pool.query<{ indexdef: string }>(
      `select indexdef from pg_indexes where schemaname = 'flow_registry' and indexname = 'flow_team_name_live_idx'`,
    );
    expect(rows[0]?.indexdef).toMatch(/\(team_id, name\) WHERE \(deleted_at IS NULL\)$/);
  });

  it('has the starter project and fits every model', async () => {
    expect(await prisma.project.findMany({ select: { id: true, name: true } })).toEqual([
      { id: DEFAULT_PROJECT_ID, name: 'Starter Project' },
    ]);
    expect(await prisma.flow.findMany({ include: { current: true } })).toEqual([]);
    expect(await prisma.flowVersion.findMany()).toEqual([]);
    expect(await prisma.compiledPlan.findMany()).toEqual([]);
    expect(await prisma.source.findMany()).toEqual([]);
    expect(await prisma.variable.findMany()).toEqual([]);
    expect(await prisma.file.findMany()).toEqual([]);
    expect(await prisma.outbox.findMany()).toEqual([]);
  });

  it('allows each name in use once, and the name of a deleted object again', async () => {
    const deletedAt = new Date();
    await insertFlow(aFlow({ name: 'X', endpointName: 'x', deletedAt }));
    await insertFlow(aFlow({ name: 'X', endpointName: 'x' }));
    await expect(insertFlow(aFlow({ name: 'X' }))).rejects.toMatchObject({ code: 'P2002' });
    await expect(insertFlow(aFlow({ endpointName: 'x' }))).rejects.toMatchObject({ code: 'P2002' });
    const project = () => ({ id: randomUUID(), ...tenant, name: 'P' });
    await prisma.project.create({ data: { ...project(), deletedAt } });
    await prisma.project.create({ data: project() });
    await expect(prisma.project.create({ data: project() })).rejects.toMatchObject({ code: 'P2002' });
  });

  it('allows no flow without its version', async () => {
    await expect(prisma.flow.create({ data: aFlow() })).rejects.toThrow(/foreign key/i);
  });

  it('allows only hashes as versions, and only known kinds', async () => {
    const flowId = await insertFlow(aFlow());
    await expect(prisma.flowVersion.create({ data: aVersion(flowId, 'v1') })).rejects.toThrow(
      /flow_version_hash_shape/,
    );
    await expect(pool.query(`update flow set access_type = 'WORLD'`)).rejects.toThrow(
      /flow_access_type_known/,
    );
    await expect(
      prisma.variable.create({
        data: { id: randomUUID(), ...tenant, name: 'v', type: 'Secret', sealedValue: 's', defaultFields: [] },
      }),
    ).rejects.toThrow(/variable_type_known/);
  });

  it('lets the service add a compiler’s plan of a version, but not change it, the version or a source', async () => {
    const flowId = await insertFlow(aFlow());
    await prisma.source.create({
      data: { id: randomUUID(), ...tenant, fileName: 'f', sha256: 's', bytes: 1, content: 'c' },
    });
    await pool.query(
      `insert into compiled_plan (flow_id, version_hash, compiled_by, plan, problems, variable_uses)
       select flow_id, version_hash, 'y', 'q', '[1]', '[]' from flow_version where flow_id = $1`,
      [flowId],
    );
    for (const statement of [
      `update flow_version set content = 'other'`,
      `update flow_version set version_hash = '${'b'.repeat(64)}'`,
      `update compiled_plan set plan = 'other'`,
      `update source set content = 'other'`,
    ]) {
      await expect(pool.query(statement)).rejects.toThrow(/permission denied|sealed with another data key/);
    }
    await pool.query(`update source set content = 'sealed again', data_key_id = 'next'`);
    // An old version that no flow names can be deleted; one that a flow names cannot.
    await expect(pool.query('delete from flow_version')).rejects.toThrow(/foreign key/);
  });
});
