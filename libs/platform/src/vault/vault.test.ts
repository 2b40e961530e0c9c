import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FixedKeys, oldMasterKey, sealOld, testVault } from '../testing/stand-in-keys.js';
import { DataKeys } from './data-keys.js';
import { type SealedPlace, SealedKind } from './key-source.js';
import { OldVault } from './old-vault.js';
import { Vault, dataKeyOf } from './vault.js';

const owner = new FixedKeys();
const vault = testVault(owner);
const place: SealedPlace = { organisationId: 'o', kind: SealedKind.variable, id: 'v', part: 'value' };

test.each(['', 'secret', 'é\ud83c\udf0a\0', 'lone \ud800 and \udfff', 'x'.repeat(100_000)])(
  'text %# opens as it was sealed',
  async (text) => {
    const sealed = await vault.seal(text, place);
    expect(await vault.open(sealed, place)).toBe(text);
    expect(sealed).toMatch(/^[\w.-]+$/);
    expect(dataKeyOf(sealed)).toBe('key-1');
  },
);

test('the same text seals differently each time, and shows nothing of itself', async () => {
  const [one, other] = [await vault.seal('secret', place), await vault.seal('secret', place)];
  expect(one).not.toBe(other);
  expect(Buffer.from(one.split('.')[2] as string, 'base64url').includes('secret')).toBe(false);
});

test('the same text seals to the same in one place where that is wanted, and differently in another', async () => {
  const same = await vault.sealSame('secret', place);
  expect(await vault.sealSame('secret', place)).toBe(same);
  expect(await vault.sealSame('secret', { ...place, id: 'w' })).not.toBe(same);
  expect(await vault.open(same, place)).toBe('secret');
});

describe('a sealed text does not open', () => {
  test.each([
    ['in another organisation', { organisationId: 'p' }],
    ['in another row', { id: 'w' }],
    ['in a row of another kind', { kind: SealedKind.flow }],
    ['as another value of its row', { part: 'other' }],
    ['as the only value of its row', { part: '' }],
  ])('%s', async (_where, moved) => {
    const sealed = await vault.seal('secret', place);
    await expect(vault.open(sealed, { ...place, ...moved })).rejects.toMatchObject({
      code: 'SEALED_UNREADABLE',
    });
  });

  test('with the name of another data key', async () => {
    const sealed = await vault.seal('secret', place);
    await expect(vault.open(sealed.replace('key-1', 'key-2'), place)).rejects.toMatchObject({
      code: 'SEALED_UNREADABLE',
    });
  });

  test('with the data keys of another installation', async () => {
    const others = new Vault(
      new DataKeys({
        dataKey: async () => ({ id: 'key-1', key: randomBytes(32) }),
        openOld: () => owner.openOld('o', ''),
        oldFileKey: () => owner.oldFileKey('o', '', Buffer.alloc(0)),
      }),
    );
    await expect(others.open(await vault.seal('secret', place), place)).rejects.toThrow('another place');
  });

  test.each<[string, (form: string, id: string, body: string) => string]>([
    [
      'changed in its text',
      (form, id, body) =>
        `${form}.${id}.${body.slice(0, 20)}${body[20] === 'A' ? 'B' : 'A'}${body.slice(21)}`,
    ],
    ['changed in its form', (form, id, body) => `${form}w.${id}.${body}`],
    ['cut off', (form, id, body) => `${form}.${id}.${body.slice(0, 10)}`],
    ['without its last part', (form, id) => `${form}.${id}`],
    ['never sealed', () => 'plain text'],
    ['empty', () => ''],
  ])('%s', async (_what, change) => {
    const [form, id, body] = (await vault.seal('secret', place)).split('.') as [string, string, string];
    await expect(vault.open(change(form, id, body), place)).rejects.toMatchObject({
      code: 'SEALED_UNREADABLE',
    });
  });
});

describe('what was sealed before there were data keys', () => {
  test.each(['secret', 'lone \ud800'])('opens', async (text) => {
    const sealed = sealOld(text);
    expect(await vault.open(sealed, place)).toBe(text);
    expect(dataKeyOf(sealed)).toBeNull();
  });

  test('does not open when it was changed, or sealed with another master key', () => {
    const old = new OldVault(oldMasterKey);
    const sealed = sealOld('secret');
    expect(() => old.open(sealed.replace('v1', 'v1w'))).toThrow('it was changed');
    expect(() => new OldVault(Buffer.alloc(32, 7)).open(sealed)).toThrow(
      `it was sealed with key ${old.keyId}`,
    );
  });
});

test('the data key of several values is none when they differ', async () => {
  const one = await vault.seal('a', place);
  expect(dataKeyOf(one, one)).toBe('key-1');
  expect(dataKeyOf(one, one.replace('key-1', 'key-2'))).toBeNull();
  expect(dataKeyOf()).toBeNull();
});
