import { expect, it } from 'vitest';
import { safePath } from './safe-path.js';

it.each(['/', '/account', '/docs?a=b#c'])('N33: %s leads to this site', (path) => {
  expect(safePath(path)).toBe(path);
});

it.each([
  '',
  'account',
  '//evil.example',
  String.raw`/\evil.example`,
  String.raw`\evil.example`,
  'https://evil.example',
  'javascript:alert(1)',
  '/a b',
  '/a\nb',
  String.raw`/a\b`,
  '\t/a',
])('N33: %j leads to the first page', (path) => {
  expect(safePath(path)).toBe('/');
});
