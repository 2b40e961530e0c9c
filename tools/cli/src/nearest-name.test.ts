import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.js';

const names = ['Basic Prompting', 'Simple Agent', 'hello'];

test.each([
  ['basic prompting', 'Basic Prompting'],
  ['Basic Promting', 'Basic Prompting'],
  ['Simpel Agnet', 'Simple Agent'],
  ['helo', 'hello'],
  ['Market Research', undefined],
  ['x', undefined],
])('%j means %j', (wanted, meant) => {
  expect(nearestName(wanted, names)).toBe(meant);
});
