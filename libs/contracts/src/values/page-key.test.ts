import { expect, it } from 'vitest';
import { cutPage, parsePageKey, writePageKey } from './page-key.js';

const key = { at: '2026-11-23T12:00:00.123Z', id: '0193571f-7a3c-7e2e-9a5e-111111111111' };

it.each([key, { ...key, seq: 7 }])('a written key can be read: %j', (one) => {
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

it('a page ends at its limit, or after a MiB of items, and says where the next one begins', () => {
  const cut = (rows: string[], limit: number) =>
    cutPage(
      rows,
      limit,
      (row) => ({ row }),
      (row) => row.slice(0, 3),
    );
  expect(cut(['a'], 1)).toEqual({ items: [{ row: 'a' }] });
  expect(cut(['a', 'b'], 1)).toEqual({ items: [{ row: 'a' }], next: 'a' });
  expect(cut([], 1)).toEqual({ items: [] });
  const long = ['1', '2', '3'].map((sign) => sign.repeat(400_000));
  expect(cut(long, 2)).toMatchObject({ items: [{}, {}], next: '222' });
  expect(cut(long, 3)).toMatchObject({ items: [{}, {}], next: '222' });
  expect(cut(['x'.repeat(2_000_000), 'y'], 5)).toMatchObject({ items: [{}], next: 'xxx' });
});
