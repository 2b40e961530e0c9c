import { expect, it } from 'vitest';
import { parsePageKey, writePageKey } from './page-key.js';

const key = { at: '2026-11-23T12:00:00.123Z', id: '0193571f-7a3c-7e2e-9a5e-111111111111' };

it.each([key, { ...key, seq: 7 }])('a written key reads back: %j', (one) => {
  expect(writePageKey(one)).toMatch(/^[\w-]+$/);
  expect(parsePageKey(writePageKey(one))).toEqual(one);
});

it.each(['', 'abc', '%', 'é', btoa('[1,2]'), btoa('["x","y"]'), btoa('{}')])(
  'the text %j is refused with the remedy',
  (text) => {
    expect(() => parsePageKey(text)).toThrow(
      expect.objectContaining({
        code: 'REQUEST_INVALID',
        message: expect.stringContaining('pass back the `next`'),
      }),
    );
  },
);
