import { expect, it } from 'vitest';
import { ClientTries } from './client-tries.js';

const AT_ONCE = 20;

it('lets an address try so many wrong secrets and then has it wait, but not who was right before', () => {
  const tries = new ClientTries();
  tries.note('a', 'right', true, 0);
  for (let n = 0; n < AT_ONCE; n++) {
    expect(tries.take('a', `wrong ${n}`, 0)).toBe(0);
    tries.note('a', `wrong ${n}`, false, 0);
  }
  expect(tries.take('a', 'wrong', 0)).toBeGreaterThan(0);
  expect(tries.take('a', 'right', 0)).toBe(0);
  expect(tries.take('b', 'wrong', 0)).toBe(0);
  expect(tries.take('a', 'wrong', 1_000)).toBe(0);
});

it('gives the try back that was right, and forgets who was right when they are wrong', () => {
  const tries = new ClientTries();
  for (let n = 0; n < 3 * AT_ONCE; n++) {
    expect(tries.take('a', `new ${n}`, 0)).toBe(0);
    tries.note('a', `new ${n}`, true, 0);
  }
  tries.note('a', 'new 0', false, 0);
  for (let n = 0; n < AT_ONCE; n++) tries.take('a', 'new 0', 0);
  expect(tries.take('a', 'new 0', 0)).toBeGreaterThan(0);
});

it('does not count what names no client', () => {
  const tries = new ClientTries();
  for (let n = 0; n < 3 * AT_ONCE; n++) expect(tries.take('a', undefined, 0)).toBe(0);
});

it('does not count what could not be answered', () => {
  const tries = new ClientTries();
  for (let n = 0; n < 3 * AT_ONCE; n++) {
    expect(tries.take('a', 'any', 0)).toBe(0);
    tries.giveBack('a', 'any', 0);
  }
});
