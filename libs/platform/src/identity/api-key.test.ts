import { expect, test } from 'vitest';
import { newApiKey, storedKey } from './api-key.js';

test('of a key its SHA-256 is stored, and how lists show it', () => {
  expect(storedKey('sk-abcdefghij').masked).toBe('sk-abcde*****');
  // Source: FIPS 180-2, appendix B.1.
  expect(storedKey('abc').keyHash).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('a new key is sk- and 43 URL-safe characters, another one each time', () => {
  const { secret, ...stored } = newApiKey();
  expect(secret).toMatch(/^sk-[\w-]{43}$/);
  expect(stored).toEqual(storedKey(secret));
  expect(newApiKey().secret).not.toBe(secret);
});
