import { expect, test } from 'vitest';
import { CodeTries } from './code-tries.js';

const MINUTE_MS = 60_000;

test('ten wrong codes of a person in ten minutes are the most, from whatever address', () => {
  const tries = new CodeTries();
  for (let count = 0; count < 10; count++) expect(tries.take('ada', `a${count}`, count)).toBe(0);
  expect(tries.take('ada', 'another', MINUTE_MS)).toBe(9 * MINUTE_MS);
  expect(tries.take('ben', 'another', MINUTE_MS)).toBe(0);
  expect(tries.take('ada', 'another', 10 * MINUTE_MS)).toBe(0);
});

test('fifty wrong codes from an address are the most, of whatever people', () => {
  const tries = new CodeTries();
  for (let count = 0; count < 50; count++) expect(tries.take(`person ${count}`, 'here', 0)).toBe(0);
  expect(tries.take('another', 'here', 0)).toBe(10 * MINUTE_MS);
  expect(tries.take('another', 'there', 0)).toBe(0);
});

test('a right code is no try', () => {
  const tries = new CodeTries();
  for (let count = 0; count < 100; count++) {
    expect(tries.take('ada', 'here', 0)).toBe(0);
    tries.giveBack('ada', 'here', 0);
  }
  expect(tries.take('ada', 'here', 0)).toBe(0);
});

test('what waits does not wait longer because more is tried', () => {
  const tries = new CodeTries();
  for (let count = 0; count < 10; count++) tries.take('ada', 'here', 0);
  for (let count = 0; count < 100; count++) tries.take('ada', 'here', MINUTE_MS);
  expect(tries.take('ada', 'here', 10 * MINUTE_MS)).toBe(0);
  expect(tries.take('ben', 'here', 10 * MINUTE_MS)).toBe(0);
});
