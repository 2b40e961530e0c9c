import { expect, it } from 'vitest';
import { parseCursor, writeCursor } from './cursor.js';

const cursor = { time: '2026-11-23T12:00:00.123Z', id: '0193571f-7a3c-7e2e-9a5e-111111111111' };

it('a written cursor reads back', () => {
  expect(parseCursor(writeCursor(cursor))).toEqual(cursor);
});

it.each([
  '',
  'abc',
  Buffer.from('[1,2]').toString('base64url'),
  Buffer.from('["x","y"]').toString('base64url'),
])('the text %j is no cursor', (text) => {
  expect(parseCursor(text)).toBeUndefined();
});
