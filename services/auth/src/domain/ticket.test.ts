import { expect, it } from 'vitest';
import { readTicket, safePath } from './ticket.js';

const ticket = {
  connectionId: '00000000-0000-4000-8000-000000000009',
  callbackUrl: 'https://a/b',
  returnTo: '/',
  noted: {},
  untilMs: 1_000,
};

it('reads a ticket until it is too old, and nothing else', () => {
  expect(readTicket(JSON.stringify(ticket), 999)).toEqual(ticket);
  expect(readTicket(JSON.stringify(ticket), 1_000)).toBeUndefined();
  expect(readTicket('{}', 0)).toBeUndefined();
  expect(readTicket('no JSON', 0)).toBeUndefined();
});

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
