import { expect, test } from 'vitest';
import { isSameSecret } from './same-secret.js';

test.each([
  ['the same text', 'abc', 'abc', true],
  ['nothing and nothing', '', '', true],
  ['another end', 'abc', 'abd', false],
  ['another start', 'abc', 'bbc', false],
  ['a longer text that begins so', 'abc', 'abcd', false],
  ['a shorter text', 'abc', 'ab', false],
  ['nothing', 'abc', '', false],
  ['the same bytes', Buffer.from('abc'), new Uint8Array([97, 98, 99]), true],
  ['bytes and their text', Buffer.from('ä'), 'ä', true],
  ['a text that is written with other code points', 'ä', 'a\u0308', false],
])('%s', (_what, one, other, isSame) => {
  expect(isSameSecret(one, other)).toBe(isSame);
});
