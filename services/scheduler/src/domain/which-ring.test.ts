import { expect, test } from 'vitest';
import { whichRing } from './which-ring.js';

test('the doorbell of a run that was just released is rung again every few seconds', () => {
  const rings = [2_000, 7_000, 12_000, 17_000, 22_000, 27_000].map(whichRing);
  expect(new Set(rings).size).toBe(rings.length);
});

test('the doorbell of a run that waits for a free executor is rung twice a minute', () => {
  const minute = Array.from({ length: 12 }, (_, index) => whichRing(60_000 + index * 5_000));
  expect(new Set(minute).size).toBe(2);
});
