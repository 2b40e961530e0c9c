import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Vault } from './vault.js';

const vault = new Vault(randomBytes(32).toString('base64'));

test.each(['', 'secret', 'é\ud83c\udf0a\0', 'lone \ud800 and \udfff', 'x'.repeat(100_000)])(
  'text %# opens as it was sealed',
  (text) => {
    const sealed = vault.seal(text);
    expect(vault.open(sealed)).toBe(text);
    expect(sealed).toMatch(/^[\w.-]+$/);
  },
);

test('the same text seals differently each time, and shows nothing of itself', () => {
  expect(vault.seal('secret')).not.toBe(vault.seal('secret'));
  expect(Buffer.from(vault.seal('secret').split('.')[2] as string, 'base64url').includes('secret')).toBe(
    false,
  );
});

describe('a sealed text does not open', () => {
  const sealed = vault.seal('secret');
  const [form, keyId, body] = sealed.split('.') as [string, string, string];
  const other = new Vault(randomBytes(32).toString('base64'));

  test('with another key, and the error says which keys', () => {
    const problem = `it was sealed with key ${keyId}, this process has key ${other.keyId}`;
    expect(() => other.open(sealed)).toThrow(problem);
    expect(() => other.open(sealed)).toThrow('CAUSEWAY_MASTER_KEY');
  });

  test.each([
    [
      'changed in its text',
      `${form}.${keyId}.${body.slice(0, 20)}${body[20] === 'A' ? 'B' : 'A'}${body.slice(21)}`,
    ],
    ['changed in its form', `v1w.${keyId}.${body}`],
    ['cut off', `${form}.${keyId}.${body.slice(0, 10)}`],
    ['without its last part', `${form}.${keyId}`],
    ['never sealed', 'plain text'],
    ['empty', ''],
  ])('%s', (_what, changed) => {
    expect(() => vault.open(changed)).toThrow(expect.objectContaining({ code: 'SEALED_UNREADABLE' }));
  });
});

test('a key of another length is refused', () => {
  expect(() => new Vault(randomBytes(16).toString('base64'))).toThrow('32 bytes');
});
