import { expect, test } from 'vitest';
import { z } from 'zod';
import { newId } from './new-id.js';

test('ids are UUIDs of version 7, all different, and grow', () => {
  const ids = Array.from({ length: 20_000 }, newId);
  expect(z.uuidv7().safeParse(ids[0]).success).toBe(true);
  expect(
    ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
  ).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  const timeMs = Number.parseInt((ids[0] as string).replace('-', '').slice(0, 12), 16);
  expect(Math.abs(timeMs - Date.now())).toBeLessThan(5_000);
});
