import { randomUUID } from 'node:crypto';
import {
  createFile,
  createFlow,
  deleteFiles,
  deleteFlows,
  getFile,
  listFiles,
  renameFile,
} from '@causeway/contracts';
import { waitFor } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type Actor, aStranger, anActor, startRegistry, tenant } from './registry.js';

const { admin, bus, objects, told } = await startRegistry();

const create = async (fileName: string, actor: Actor = anActor(), flowId?: string) =>
  bus.request(createFile, {
    ...actor,
    fileName,
    ...(flowId !== undefined && { flowId }),
    ...(await objects.put(fileName)),
  });
const get = (by: { fileId?: string; path?: string }, of = tenant) => bus.request(getFile, { ...of, ...by });
const list = async (of: { flowId?: string; userId?: string }, team = tenant) =>
  (await bus.request(listFiles, { ...team, ...of })).items;
const rename = (fileId: string, name: string, actor: Actor = anActor()) =>
  bus.request(renameFile, { ...actor, fileId, name });
const remove = async (what: Partial<z.input<typeof deleteFiles.input>>, actor: Actor = anActor()) =>
  (await bus.request(deleteFiles, { ...actor, ...what })).deleted;
const aFlow = async (actor: Actor = anActor()): Promise<string> =>
  (
    await bus.request(createFlow, {
      ...actor,
      settings: { name: randomUUID() },
      data: { inline: '{"nodes":[],"edges":[]}' },
    })
  ).id;

/** Objects that wait to be removed. */
const dropped = async (): Promise<number> =>
  (await admin.query<{ n: number }>('SELECT count(*)::int AS n FROM dropped_object')).rows[0]?.n ?? -1;

describe('files', () => {
  it('are listed page by page, also when they have the same time', async () => {
    const actor = anActor();
    const ids: string[] = [];
    for (const name of ['a.txt', 'b.txt', 'c.txt']) ids.push((await create(name, actor)).id);
    await admin.query(`UPDATE file SET created_at = '2026-01-01' WHERE id = ANY($1::uuid[])`, [ids]);
    const userId = actor.principal.id;
    const first = await bus.request(listFiles, { ...tenant, userId, page: { limit: 2 } });
    const after = first.next as string;
    const second = await bus.request(listFiles, { ...tenant, userId, page: { limit: 2, after } });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids.toSorted());
    expect([first.items.length, second.next]).toEqual([2, undefined]);
  });

  it('of a user are shown without extension and found by id and path', async () => {
    const actor = anActor();
    const { sha256 } = await objects.put('report.final.pdf');
    const file = await create('report.final.pdf', actor);
    expect(file).toMatchObject({
      ...tenant,
      flowId: null,
      userId: actor.principal.id,
      name: 'report.final',
      path: `${actor.principal.id}/report.final.pdf`,
      bytes: 16,
      sha256,
    });
    expect(await get({ fileId: file.id })).toEqual(file);
    expect(await get({ path: file.path })).toEqual(file);
    expect(await list({ userId: actor.principal.id })).toEqual([file]);
    expect(await told(file.id)).toMatchObject([
      { action: 'file.create', object: { name: file.path }, detail: { sha256, bytes: 16 } },
    ]);
  });

  it('of a flow have paths below its id and are listed only with that flow', async () => {
    const actor = anActor();
    const flowId = await aFlow(actor);
    const file = await create('2026-11-23_10-00-00_a.txt', actor, flowId);
    expect(file).toMatchObject({ flowId, path: `${flowId}/2026-11-23_10-00-00_a.txt` });
    expect(await list({ flowId })).toEqual([file]);
    expect(await list({ userId: actor.principal.id })).toEqual([]);
  });

  it('get a number when their folder has the name, also at the same moment', async () => {
    const actor = anActor();
    const made = await Promise.all([
      create('a.txt', actor),
      create('a.txt', actor),
      create('a.txt', actor),
      create('a.pdf', actor),
    ]);
    expect(made.map(({ name }) => name).toSorted()).toEqual(['a', 'a', 'a (1)', 'a (2)']);
    expect(new Set(made.map(({ path }) => path)).size).toBe(4);
    expect((await create('a.txt')).name).toBe('a');
  });

  it.each(['../x', 'a\\b', 'nul\u0000', '.', ' ', 'x'.repeat(256)])('named %j are refused', async (name) => {
    await expect(create(name)).rejects.toMatchObject({ code: 'FILE_NAME_INVALID' });
  });

  it('are renamed in lists, while flows find them under their old path', async () => {
    const file = await create('old.txt');
    const renamed = await rename(file.id, 'new');
    expect(renamed).toEqual({ ...file, name: 'new', updatedAt: renamed.updatedAt });
    expect((await get({ path: file.path })).name).toBe('new');
    await expect(rename(file.id, 'a/b')).rejects.toMatchObject({ code: 'FILE_NAME_INVALID' });
    expect((await told(file.id)).map(({ action }) => action)).toEqual(['file.create', 'file.rename']);
  });

  it('are deleted by id, by path, or all of the caller’s own', async () => {
    const actor = anActor();
    const flowId = await aFlow(actor);
    const files = [];
    for (const name of ['1', '2', '3', '4']) files.push(await create(name, actor));
    const ofFlow = await create('5', actor, flowId);
    const others = await create('6');
    const ids = files.map(({ id }) => id);
    expect(await remove({ fileIds: [ids[0] as string, randomUUID()] }, actor)).toEqual([ids[0]]);
    expect(await remove({ path: files[1]?.path as string }, actor)).toEqual([ids[1]]);
    expect((await remove({ all: true }, actor)).toSorted()).toEqual(ids.slice(2).toSorted());
    expect(await remove({ all: true }, actor)).toEqual([]);
    expect(await remove({}, actor)).toEqual([]);
    expect([(await get({ fileId: ofFlow.id })).id, (await get({ fileId: others.id })).id]).toEqual([
      ofFlow.id,
      others.id,
    ]);
    expect((await told(ids[0] as string)).map(({ action }) => action)).toEqual([
      'file.create',
      'file.delete',
    ]);
  });

  it('of a flow are deleted with it, with an audit event for each', async () => {
    const flowId = await aFlow();
    const file = await create('a.txt', anActor(), flowId);
    const actor = anActor();
    await bus.request(deleteFlows, { ...actor, flowIds: [flowId] });
    await expect(get({ fileId: file.id })).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
    expect((await told(file.id)).at(-1)).toMatchObject({
      action: 'file.delete',
      actor: { id: actor.principal.id },
      object: { name: file.path },
    });
  });

  it('of another team or unknown are FILE_UNKNOWN, of another team’s flow FLOW_UNKNOWN', async () => {
    const stranger = aStranger();
    const theirs = await create('t.txt', stranger);
    const theirFlow = await aFlow(stranger);
    for (const fileId of [theirs.id, randomUUID()]) {
      await expect(get({ fileId })).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
      await expect(rename(fileId, 'x')).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
      expect(await remove({ fileIds: [fileId] })).toEqual([]);
    }
    await expect(get({ path: theirs.path })).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
    await expect(get({ path: 'nul\u0000' })).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
    expect(await remove({ path: theirs.path })).toEqual([]);
    await expect(create('x', anActor(), theirFlow)).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
    await expect(list({ flowId: theirFlow })).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
    expect(await list({ userId: stranger.principal.id })).toEqual([]);
    expect((await get({ fileId: theirs.id }, theirs)).id).toBe(theirs.id);
  });

  it('are requested by id or path', async () => {
    await expect(get({})).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('that are deleted are removed from the object store, except objects that another file names', async () => {
    const flowId = await aFlow();
    const content = `content ${randomUUID()}`;
    const put = async (fileName: string, of?: string) =>
      bus.request(createFile, {
        ...anActor(),
        fileName,
        ...(of !== undefined && { flowId: of }),
        ...(await objects.put(content)),
      });
    const [one, other] = [await put('one.txt'), await put('other.txt', flowId)];
    await remove({ fileIds: [one.id] });
    await waitFor(async () => (await dropped()) === 0);
    expect(await objects.size(one.sha256)).toBe(content.length);
    await bus.request(deleteFlows, { ...anActor(), flowIds: [flowId] });
    await waitFor(() =>
      objects.size(other.sha256).then(
        () => false,
        () => true,
      ),
    );
    await waitFor(async () => (await dropped()) === 0);
  });
});
