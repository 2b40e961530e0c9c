import { expect, test } from 'vitest';
import { publicKeyOf, readSigningKey, readTrustedKeys } from './keys.js';

const seed = Buffer.alloc(32, 1).toString('base64');

test('the public key belongs to the seed', () => {
  // Source: RFC 8032, section 7.1, test 1.
  const known = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
  expect(Buffer.from(publicKeyOf(known.toString('base64')), 'base64url').toString('hex')).toBe(
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  );
});

test('a service may have several public keys', () => {
  const [one, two] = [1, 2].map((byte) => publicKeyOf(Buffer.alloc(32, byte).toString('base64')));
  const keys = readTrustedKeys(`gateway=${one}, flow-registry=${two},gateway=${two}`);
  expect([...keys].map(([service, own]) => [service, own.length])).toEqual([
    ['gateway', 2],
    ['flow-registry', 1],
  ]);
});

test.each([
  '',
  'gateway',
  'gateway=',
  'gateway=short',
  `=${publicKeyOf(seed)}`,
  `Gate way=${publicKeyOf(seed)}`,
])('public keys written as %j are refused', (text) =>
  expect(() => readTrustedKeys(text)).toThrow('gateway=KEY,scheduler=KEY'),
);

test.each(['', 'short', Buffer.alloc(33).toString('base64')])(
  'N12: a seed of another length is refused',
  (text) => expect(() => readSigningKey(text)).toThrow('32 bytes'),
);
