import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MasterKeys, masterKeyId, readMasterKeys } from './master-keys.js';

const [older, newer] = [randomBytes(32), randomBytes(32)];
const dataKey = randomBytes(32);

test('the newest master key wraps, and all of them unwrap', async () => {
  const before = await new MasterKeys([older]).wrap(dataKey, 'here');
  const both = new MasterKeys([newer, older]);
  expect(both.newestId).toBe(masterKeyId(newer));
  expect(await both.unwrap(before, 'here')).toEqual(dataKey);
  const after = await both.wrap(dataKey, 'here');
  expect(after.masterId).toBe(masterKeyId(newer));
  expect(await new MasterKeys([newer]).unwrap(after, 'here')).toEqual(dataKey);
});

test('a key does not unwrap without its master key, in another context, or when it was changed', async () => {
  const keys = new MasterKeys([newer]);
  const wrapped = await keys.wrap(dataKey, 'here');
  await expect(new MasterKeys([older]).unwrap(wrapped, 'here')).rejects.toThrow(masterKeyId(newer));
  await expect(keys.unwrap(wrapped, 'there')).rejects.toThrow('was changed');
  const changed = { ...wrapped, wrapped: `${wrapped.wrapped.slice(0, -2)}AA` };
  await expect(keys.unwrap(changed, 'here')).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
  expect(wrapped.wrapped).not.toContain(dataKey.toString('base64url'));
});

describe('a list of master keys', () => {
  const text = (key: Buffer): string => key.toString('base64');

  test.each([
    [`${text(newer)},${text(older)}`],
    [`${text(newer)}\n${text(older)}\n`],
    [` ${text(newer)} , ${text(older)}`],
  ])('is read in its order (%#)', (list) => {
    expect(readMasterKeys(list)).toEqual([newer, older]);
  });

  test.each([[''], [' \n'], ['c2hvcnQ='], [`${text(newer)},short`], ['ä'.repeat(44)]])(
    'N12: %j is refused with the remedy',
    (list) => expect(() => readMasterKeys(list)).toThrow('openssl rand -base64 32'),
  );
});
