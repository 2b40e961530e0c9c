import { expect, it } from 'vitest';
import { everyItem } from './every-item.js';

it('a list is read page by page, each page when the items before it were taken', async () => {
  const asked: (string | undefined)[] = [];
  const pages: Record<string, { items: number[]; next?: string }> = {
    '': { items: [1, 2], next: 'b' },
    b: { items: [], next: 'c' },
    c: { items: [3] },
  };
  const items = await everyItem(async ({ after }) => {
    asked.push(after);
    return pages[after ?? ''] ?? { items: [] };
  });
  expect(asked).toEqual([undefined]);
  expect([(await items.next()).value, asked.length]).toEqual([1, 1]);
  const rest: number[] = [];
  for await (const item of items) rest.push(item);
  expect([rest, asked]).toEqual([
    [2, 3],
    [undefined, 'b', 'c'],
  ]);
});

it('an error of the first page is reported at once', async () => {
  await expect(everyItem(() => Promise.reject(new Error('no list')))).rejects.toThrow('no list');
});
