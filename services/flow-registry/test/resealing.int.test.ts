import { randomBytes, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  createFile,
  createFlow,
  createVariable,
  getFile,
  getFlow,
  getFlowSource,
  getPlan,
  getResealing,
  findWebhook,
  getVariableValues,
  setWebhook,
  updateVariable,
} from '@causeway/contracts';
import { DataKeys, OldVault, SealedFiles, SealedKind, inlineText } from '@causeway/platform';
import { FixedKeys, oldMasterKey, sealOld } from '@causeway/platform/testing';
import { aFlow, waitFor } from '@causeway/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anActor, givenValue, startRegistry, tenant } from './registry.js';

const registry = await startRegistry({ CAUSEWAY_RESEAL_LOOK_MS: '300' });
const { bus, vault, keys, admin, objects } = registry;
const files = new SealedFiles(objects, vault, new DataKeys(new FixedKeys()));
const TABLES = ['variable', 'flow', 'flow_version', 'compiled_plan', 'source', 'file', 'flow_hook'];
const HOOK = 'a'.repeat(64);
const hookPlace = (flowId: string) => ({
  organisationId: tenant.organisationId,
  kind: SealedKind.webhook,
  id: flowId,
});
const CONTENT = 'the content of the file';

const made = { flowId: '', versionHash: '', variable: '', variableId: '', fileId: '' };
beforeAll(async () => {
  // What belongs to an organisation without data keys must keep nothing from the others.
  await admin.query(
    `insert into project (id, organisation_id, team_id, name)
     values (gen_random_uuid(), '00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'of nobody')`,
  );
  const graph = aFlow().chatInput().chatOutput().build().data;
  const flow = await bus.request(createFlow, {
    ...anActor(),
    settings: { name: 'F' },
    data: { inline: JSON.stringify(graph) },
    source: { inline: Buffer.from('the imported bytes').toString('base64') },
  });
  const variable = await bus.request(createVariable, {
    ...anActor(),
    name: 'V',
    type: 'Credential',
    sealedValue: await givenValue(vault, 'the value'),
  });
  async function* content(): AsyncGenerator<Buffer> {
    yield Buffer.from(CONTENT);
  }
  const stored = await files.put(tenant.organisationId, content());
  const file = await bus.request(createFile, { ...anActor(), fileName: 'a.txt', ...stored });
  await bus.request(setWebhook, {
    ...anActor(),
    flowId: flow.id,
    webhookId: randomUUID(),
    tokenHash: HOOK,
    sealedSecret: await vault.seal('the secret', hookPlace(flow.id)),
  });
  Object.assign(made, { flowId: flow.id, versionHash: flow.versionHash, fileId: file.id });
  Object.assign(made, { variable: variable.name, variableId: variable.id });
});

/** How many rows each data key has sealed; null stands for none. */
async function keysOf(table: string): Promise<(string | null)[]> {
  const { rows } = await admin.query<{ id: string | null }>(
    `select distinct data_key_id as id from ${table} where organisation_id = $1`,
    [tenant.organisationId],
  );
  return rows.map(({ id }) => id);
}
const sealedBy = (dataKeyId: string): Promise<unknown> =>
  waitFor(
    async () => {
      for (const table of TABLES) if (String(await keysOf(table)) !== dataKeyId) return undefined;
      return true;
    },
    { what: `everything sealed with ${dataKeyId}` },
  );
const status = async () => bus.request(getResealing, { principal: anActor().principal });

/** Reads everything as callers do. */
async function readAll(): Promise<string[]> {
  const { flowId, versionHash, variable, fileId } = made;
  const [value] = (await bus.request(getVariableValues, { ...tenant, names: [variable] })).variables;
  const { organisationId } = tenant;
  const place = { organisationId, kind: SealedKind.variable, id: value?.id ?? '' };
  return [
    await vault.open(value?.sealed ?? '', place),
    inlineText((await bus.request(getFlow, { ...tenant, flowId })).data ?? { inline: '' }).slice(0, 9),
    inlineText((await bus.request(getPlan, { ...tenant, flowId, versionHash })).plan).slice(0, 9),
    Buffer.from(
      inlineText((await bus.request(getFlowSource, { ...anActor(), flowId })).source),
      'base64',
    ).toString(),
    await vault.open(
      (await bus.request(findWebhook, { tokenHash: HOOK })).webhook?.sealedSecret ?? '',
      hookPlace(flowId),
    ),
    (await files.read(await bus.request(getFile, { ...tenant, fileId }))).toString(),
  ];
}
let before: string[] = [];

it('a rotation seals every table again, and everything opens as before', async () => {
  before = await readAll();
  expect(before).toEqual([
    'the value',
    expect.any(String),
    expect.any(String),
    'the imported bytes',
    'the secret',
    CONTENT,
  ]);
  await sealedBy('key-1');
  keys.rotate('key-2');
  await sealedBy('key-2');
  expect(await readAll()).toEqual(before);
  const { tables } = await status();
  expect(tables.map(({ pending, unreadable }) => [pending, unreadable])).toEqual(TABLES.map(() => [0, 0]));
  const told = await registry.told('key-2');
  expect(told.map(({ action, actor }) => [action, actor.kind])).toContainEqual(['data_key.reseal', 'system']);
});

it('two rotations at once end with everything sealed by the last key, also what is written meanwhile', async () => {
  let isOver = false;
  const writing = (async () => {
    while (!isOver) {
      const sealedValue = await givenValue(vault, 'the value');
      await bus.request(updateVariable, { ...anActor(), variableId: made.variableId, sealedValue });
    }
  })();
  keys.rotate('key-2a');
  await waitFor(async () => (await keysOf('variable')).includes('key-2a'), { what: 'the first of them' });
  keys.rotate('key-2b');
  await sealedBy('key-2b');
  isOver = true;
  await writing;
  await sealedBy('key-2b');
  expect(await readAll()).toEqual(before);
});

it('a rotation that nobody was told of is followed at the next look', async () => {
  keys.rotate('key-3', true);
  await sealedBy('key-3');
  expect(await readAll()).toEqual(before);
});

it('what a process seals with a retired key meanwhile opens, and is sealed again', async () => {
  // The vault of this test goes on with key-1, like a gateway that has not heard of the rotation.
  const sealedValue = await givenValue(vault, 'the value');
  await bus.request(updateVariable, { ...anActor(), variableId: made.variableId, sealedValue });
  await admin.query(`update variable set data_key_id = 'key-1' where id = $1`, [made.variableId]);
  await sealedBy('key-3');
  expect(await readAll()).toEqual(before);
});

it('a registry that stops in the middle of it continues after its start', async () => {
  const create = async (name: string): Promise<unknown> =>
    bus.request(createVariable, {
      ...anActor(),
      name,
      type: 'Generic',
      sealedValue: await givenValue(vault, `value of ${name}`),
    });
  // Not all at once: on a busy machine the last ones would wait too long for their turn.
  for (let tens = 0; tens < 12; tens++)
    await Promise.all(Array.from({ length: 10 }, (_one, index) => create(`M${tens}${index}`)));
  await registry.service.stop();
  // Half of them are as an interrupted round leaves them.
  const { rows } = await admin.query<{ n: number }>(
    `select count(*)::int as n from variable where name like 'M%' and data_key_id = 'key-3'`,
  );
  expect(rows[0]?.n).toBe(120);
  keys.rotate('key-4', true);
  await registry.service.start({ CAUSEWAY_RESEAL_LOOK_MS: '100000' });
  await waitFor(async () => (await keysOf('variable')).includes('key-4'), { what: 'a first batch' });
  await registry.service.stop();
  keys.rotate('key-5', true);
  await registry.service.start();
  await sealedBy('key-5');
  expect(await readAll()).toEqual(before);
});

it('a store of the time before data keys is sealed again, and opens meanwhile', async () => {
  const reseal = async (table: string, column: string, value: string): Promise<void> => {
    await admin.query(`alter table ${table} disable trigger user`);
    await admin.query(`update ${table} set ${column} = $1, data_key_id = null where organisation_id = $2`, [
      value,
      tenant.organisationId,
    ]);
    await admin.query(`alter table ${table} enable trigger user`);
  };
  const { flowId, versionHash, variableId, fileId } = made;
  const packed = (text: string): string => sealOld(gzipSync(text).toString('base64'));
  await registry.service.stop();
  await admin.query(`delete from variable where id <> $1`, [variableId]);
  const graph = JSON.stringify(aFlow().chatInput().chatOutput().build().data);
  await reseal('variable', 'sealed_value', sealOld('the value'));
  await reseal('flow', 'data', packed(graph));
  await reseal('source', 'content', packed('the imported bytes'));
  const { sha256 } = await putOld(CONTENT);
  await admin.query(`update file set sha256 = $1, sealed_key = null, data_key_id = null where id = $2`, [
    sha256,
    fileId,
  ]);
  await admin.query('delete from compiled_plan where flow_id = $1 and version_hash = $2', [
    flowId,
    versionHash,
  ]);
  await registry.service.start();
  expect((await readAll())[0]).toBe('the value');
  await sealedBy('key-5');
  expect((await readAll()).toSpliced(1, 1)).toEqual(before.toSpliced(1, 1));
  const { rows } = await admin.query<{ text: string }>(
    'select sealed_value as text from variable union all select data from flow union all select content from source',
  );
  for (const { text } of rows) expect(text).toMatch(/^v2w?\.key-5\./);
});

it('a row that cannot be opened is passed over, reported, and keeps nothing from the others', async () => {
  const broken = await bus.request(createVariable, {
    ...anActor(),
    name: `B_${randomUUID()}`,
    type: 'Credential',
    sealedValue: await givenValue(vault, 'x'),
  });
  await admin.query(
    `update variable set sealed_value = (select sealed_value from variable where id = $1), data_key_id = 'key-1' where id = $2`,
    [made.variableId, broken.id],
  );
  keys.rotate('key-6');
  // A look that knew the new key before it was told of it has found the row; once told, it forgets and finds it again.
  await waitFor(
    async () =>
      (await status()).tables.every(({ pending, unreadable, table }) => {
        const left = table === 'variable' ? 1 : 0;
        return pending === left && unreadable === left;
      }),
    { what: 'everything else sealed again, and the row reported' },
  );
  expect((await status()).tables.find(({ table }) => table === 'variable')).toEqual({
    table: 'variable',
    pending: 1,
    unreadable: 1,
  });
  await admin.query('delete from variable where id = $1', [broken.id]);
});

/** A file as it was stored before files had keys of their own. */
async function putOld(content: string): Promise<{ sha256: string }> {
  const old = new OldVault(oldMasterKey);
  const salt = randomBytes(32);
  const { createCipheriv } = await import('node:crypto');
  const nonce = Buffer.alloc(12);
  nonce[11] = 1;
  const cipher = createCipheriv('aes-256-gcm', old.fileKey(salt), nonce);
  const piece = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  const head = Buffer.concat([Buffer.from('causeway sealed file 1\n'), Buffer.from(old.keyId), salt]);
  return objects.put(Buffer.concat([head, piece]));
}

afterAll(() => expect(registry.service.lines.join('\n')).not.toContain('the value'));
