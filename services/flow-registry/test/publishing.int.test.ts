import { randomUUID } from 'node:crypto';
import {
  type Flow,
  createFlow,
  deleteFlows,
  flowChanged,
  listVersions,
  publishVersion,
  resolveFlow,
  updateFlow,
} from '@causeway/contracts';
import { aFlow, waitFor } from '@causeway/testing';
import { expect, it } from 'vitest';
import { type Actor, aStranger, anActor, startRegistry, tenant } from './registry.js';

const { bus, admin, told } = await startRegistry();

/** A graph with a text of its own, so that each is another version. */
const graph = (template: string) => ({
  inline: JSON.stringify(aFlow().chatInput().prompt(template).chatOutput().build().data),
});
const create = (id?: string): Promise<Flow> =>
  bus.request(createFlow, {
    ...anActor(),
    ...(id !== undefined && { id }),
    settings: { name: randomUUID() },
    data: graph(randomUUID()),
  });
const save = async (flowId: string): Promise<string> =>
  (await bus.request(updateFlow, { ...anActor(), flowId, settings: {}, data: graph(randomUUID()) }))
    .versionHash;
const publish = (flowId: string, versionHash: string | null, actor: Actor = anActor()) =>
  bus.request(publishVersion, { ...actor, flowId, versionHash });
const used = async (flowId: string): Promise<string | undefined> =>
  (await bus.request(resolveFlow, { ...tenant, flow: flowId })).release.versions[0]?.versionHash;
const list = (flowId: string, page: { limit: number; after?: string } = { limit: 50 }) =>
  bus.request(listVersions, { ...tenant, flowId, page });
const replacedAt = async (flowId: string, hash: string): Promise<Date | null> => {
  const { rows } = await admin.query<{ replaced_at: Date | null }>(
    'select replaced_at from flow_version where flow_id = $1 and version_hash = $2',
    [flowId, hash],
  );
  return rows[0]?.replaced_at ?? null;
};

it('runs use the newest version, until one is published: then that one, whatever is saved, until it is taken back', async () => {
  const { id, versionHash: first } = await create();
  const second = await save(id);
  expect(await used(id)).toBe(second);
  const changed: string[] = [];
  const subscription = bus.subscribe(flowChanged, undefined, ({ flowId }) => {
    changed.push(flowId);
  });
  expect(await publish(id, first)).toEqual({ versionHash: first });
  await waitFor(() => changed.includes(id));
  subscription.unsubscribe();
  expect(await used(id)).toBe(first);
  const third = await save(id);
  expect(await used(id)).toBe(first);
  await publish(id, null);
  expect(await used(id)).toBe(third);
  await publish(id, third);
  await publish(id, third);
  const events = (await told(id)).filter(({ action }) => action === 'flow.publish');
  expect(events.map(({ detail }) => detail)).toEqual([
    { published: first, former: null },
    { published: null, former: first },
    { published: third, former: null },
  ]);
});

it('a version that is not published any more is kept from then on as long as any other that was replaced', async () => {
  const { id, versionHash: first } = await create();
  await save(id);
  await admin.query(
    `update flow_version set replaced_at = '2020-01-01' where flow_id = $1 and version_hash = $2`,
    [id, first],
  );
  await publish(id, first);
  expect((await replacedAt(id, first))?.getUTCFullYear()).toBe(2020);
  const beforeMs = Date.now() - 1_000;
  await publish(id, null);
  expect((await replacedAt(id, first))?.getTime()).toBeGreaterThan(beforeMs);
});

it('a deleted flow that is made again has no published version', async () => {
  const { id, versionHash: first } = await create();
  await save(id);
  await publish(id, first);
  await bus.request(deleteFlows, { ...anActor(), flowIds: [id] });
  const again = await create(id);
  expect(again.id).toBe(id);
  expect(await used(id)).toBe(again.versionHash);
});

it('the versions of a flow are listed in pages, newest first', async () => {
  const { id, versionHash: first } = await create();
  const hashes = [first];
  for (let n = 0; n < 4; n++) hashes.unshift(await save(id));
  await publish(id, first);
  const { items } = await list(id);
  expect(items.map(({ versionHash }) => versionHash)).toEqual(hashes);
  expect(items.map(({ isNewest }) => isNewest)).toEqual([true, false, false, false, false]);
  expect(items.map(({ isPublished }) => isPublished)).toEqual([false, false, false, false, true]);
  // Rows of the same time are not lost between pages.
  await admin.query(`update flow_version set created_at = '2026-01-01' where flow_id = $1`, [id]);
  const seen: string[] = [];
  for (let after: string | undefined, isMore = true; isMore; isMore = after !== undefined) {
    const page = await list(id, { limit: 2, ...(after !== undefined && { after }) });
    seen.push(...page.items.map(({ versionHash }) => versionHash));
    after = page.next;
  }
  expect(seen.toSorted()).toEqual(hashes.toSorted());
});

it('a version that the flow does not have, and a flow that the team does not have, are refused', async () => {
  const { id, versionHash } = await create();
  const other = await create();
  await expect(publish(id, other.versionHash)).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' });
  await expect(publish(randomUUID(), null)).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
  await expect(publish(id, versionHash, aStranger())).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' });
  const editor = anActor();
  const permissions = editor.principal.permissions.filter((one) => one !== 'flow:publish');
  const refused = publish(id, versionHash, { ...editor, principal: { ...editor.principal, permissions } });
  await expect(refused).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
});
