import { randomUUID } from 'node:crypto';
import {
  createVariable,
  deleteVariable,
  getVariableValues,
  listVariables,
  updateVariable,
} from '@causeway/contracts';
import { SealedKind } from '@causeway/platform';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type Actor, aStranger, anActor, givenValue, startRegistry, tenant } from './registry.js';

const registry = await startRegistry();
const { bus, vault, admin, told } = registry;
const SECRET = 'sk-canary-in-a-variable';

type New = Partial<Omit<z.input<typeof createVariable.input>, 'principal' | 'requestId'>> & {
  value?: string;
};
const aName = (): string => `V_${randomUUID()}`;
const create = async ({ value = SECRET, ...over }: New = {}, actor: Actor = anActor()) =>
  bus.request(createVariable, {
    ...actor,
    name: aName(),
    type: 'Credential',
    sealedValue: await seal(value, actor),
    ...over,
  });
const seal = (value: string, { principal }: Actor = anActor()): Promise<string> =>
  givenValue(vault, value, principal.teamId);
const update = (variableId: string, change: New, actor: Actor = anActor()) =>
  bus.request(updateVariable, { ...actor, variableId, ...change });
const remove = (variableId: string, actor: Actor = anActor()) =>
  bus.request(deleteVariable, { ...actor, variableId });
const list = async (of = tenant) => (await bus.request(listVariables, of)).items;
const values = async (names: string[], of = tenant) =>
  (await bus.request(getVariableValues, { ...of, names })).variables;

describe('variables', () => {
  it('are listed page by page, and long values make a page shorter', async () => {
    const stranger = aStranger();
    const of = { ...tenant, teamId: stranger.principal.teamId };
    const sealedValue = await seal('x'.repeat(400_000), stranger);
    for (const name of ['c', 'a', 'b', 'd']) await create({ name, type: 'Generic', sealedValue }, stranger);
    const first = await bus.request(listVariables, { ...of, page: { limit: 50 } });
    const after = first.next as string;
    const second = await bus.request(listVariables, { ...of, page: { limit: 50, after } });
    const names = [first, second].map(({ items }) => items.map(({ name }) => name));
    expect([names, second.next]).toEqual([
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
      undefined,
    ]);
  });

  it('of type Credential never show their value, of type Generic they do', async () => {
    const credential = await create({ defaultFields: ['OpenAI API Key'] });
    const generic = await create({ type: 'Generic', value: 'in clear \u0000 ü' });
    expect(credential).toMatchObject({ type: 'Credential', value: null, defaultFields: ['OpenAI API Key'] });
    expect(generic).toMatchObject({ type: 'Generic', value: 'in clear \u0000 ü', defaultFields: [] });
    expect(await list()).toEqual(expect.arrayContaining([credential, generic]));
  });

  it('reach the executor sealed, by name; unknown names are absent', async () => {
    const { id, name } = await create({ defaultFields: ['Key'] });
    const found = await values([name, 'NO_SUCH', 'nul\u0000', name]);
    const sealed = expect.any(String);
    expect(found).toEqual([{ id, name, type: 'Credential', sealed, defaultFields: ['Key'] }]);
    expect(found[0]?.sealed).not.toContain('canary');
    const place = { organisationId: tenant.organisationId, kind: SealedKind.variable, id };
    expect(await vault.open(found[0]?.sealed as string, place)).toBe(SECRET);
  });

  it('are not found by another team', async () => {
    const { name } = await create();
    const stranger = { ...tenant, teamId: randomUUID() };
    expect(await values([name], stranger)).toEqual([]);
    expect(await values([name], { ...tenant, organisationId: randomUUID() })).toEqual([]);
    expect(await list(stranger)).toEqual([]);
  });

  it('have unique names in a team', async () => {
    const { name, id } = await create();
    await expect(create({ name })).rejects.toMatchObject({ code: 'VARIABLE_TAKEN', details: { name } });
    const other = await create();
    await expect(update(other.id, { name })).rejects.toMatchObject({ code: 'VARIABLE_TAKEN' });
    expect((await update(id, { name })).name).toBe(name);
    expect((await create({ name }, aStranger())).name).toBe(name);
  });

  it('created at the same moment with one name become one', async () => {
    const name = aName();
    const made = await Promise.allSettled([create({ name }), create({ name }), create({ name })]);
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(made.filter(({ status }) => status === 'rejected')).toEqual(
      [1, 2].map(() =>
        expect.objectContaining({ reason: expect.objectContaining({ code: 'VARIABLE_TAKEN' }) }),
      ),
    );
  });

  it('change the given values', async () => {
    const { id } = await create({ type: 'Generic', value: 'old' });
    expect(await update(id, { sealedValue: await seal('new'), defaultFields: ['A'] })).toMatchObject({
      value: 'new',
      defaultFields: ['A'],
    });
    const name = aName();
    expect(await update(id, { name, type: 'Credential' })).toMatchObject({ name, value: null });
    expect((await told(id)).map(({ action, detail }) => [action, detail])).toEqual([
      ['variable.create', { type: 'Generic' }],
      ['variable.update', { changed: ['value', 'defaultFields'] }],
      ['variable.update', { changed: ['name', 'type'] }],
    ]);
    await update(id, { name, type: 'Credential', defaultFields: ['A'] });
    expect(await told(id)).toHaveLength(3);
  });

  it('of type Credential are not made readable by a change of type', async () => {
    const { id } = await create();
    await expect(update(id, { type: 'Generic' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringContaining('new value'),
    });
    expect(await update(id, { type: 'Generic', sealedValue: await seal('public') })).toMatchObject({
      type: 'Generic',
      value: 'public',
    });
  });

  it('are deleted once', async () => {
    const { id, name } = await create();
    await remove(id);
    expect(await values([name])).toEqual([]);
    await expect(remove(id)).rejects.toMatchObject({ code: 'VARIABLE_UNKNOWN' });
    expect((await told(id)).map(({ action }) => action)).toEqual(['variable.create', 'variable.delete']);
  });

  it('of another team or unknown give VARIABLE_UNKNOWN', async () => {
    const theirs = await create({}, aStranger());
    for (const id of [theirs.id, randomUUID()]) {
      await expect(update(id, { name: 'x' })).rejects.toMatchObject({ code: 'VARIABLE_UNKNOWN' });
      await expect(remove(id)).rejects.toMatchObject({ code: 'VARIABLE_UNKNOWN' });
    }
  });

  it('sealed for another team, another row or nothing are refused', async () => {
    const stranger = aStranger();
    const { id: variableId } = await create();
    const { organisationId } = tenant;
    for (const sealedValue of [
      await seal('x', stranger),
      await vault.seal('x', { organisationId, kind: SealedKind.variable, id: variableId }),
      (await seal('x')).replace('key-1', 'key-2'),
      'x',
    ]) {
      await expect(create({ sealedValue })).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
      await expect(update(variableId, { sealedValue })).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
    }
  });

  it('whose value was copied from another row do not open, and do not hide the others', async () => {
    const fine = await create({ type: 'Generic', value: 'fine' });
    const copy = await create({ type: 'Generic', value: 'lost' });
    await admin.query(
      'update variable set sealed_value = (select sealed_value from variable where id = $1) where id = $2',
      [fine.id, copy.id],
    );
    const shown = await list();
    expect(shown.find(({ id }) => id === fine.id)?.value).toBe('fine');
    expect(shown.find(({ id }) => id === copy.id)?.value).toBeNull();
  });

  it('with a control character in their name are refused', async () => {
    for (const name of ['a\u0000b', 'a\nb']) {
      await expect(create({ name })).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
        message: expect.stringContaining('control character'),
      });
    }
    await expect(create({ defaultFields: ['\u0007'] })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('have their values in no row, event or log line', async () => {
    for (const table of ['variable', 'outbox']) {
      const { rows } = await admin.query(`select t::text as text from ${table} t`);
      expect(rows.length).toBeGreaterThan(5);
      expect(rows.map(({ text }) => text).join()).not.toContain('canary');
    }
    expect(registry.service.lines.join()).not.toContain('canary');
  });
});
