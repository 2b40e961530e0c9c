import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeSegment, parsePath, pathOf, type StepPath } from './step-path.js';

const segment = fc.string({ minLength: 1 }).map(encodeSegment);
const nodePath = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
const visit = fc.integer({ min: 1, max: 20 });
const step: fc.Arbitrary<StepPath> = fc.record({
  iterations: fc.array(fc.record({ loop: nodePath, visit, index: fc.nat(500) }), { maxLength: 3 }),
  nodePath,
  visit,
  done: fc.boolean(),
});

test('a path gives the position of a step', () => {
  expect(parsePath('Loop#2[3]/group/node#4')).toEqual({
    iterations: [{ loop: 'Loop', visit: 2, index: 3 }],
    nodePath: 'group/node',
    visit: 4,
    done: false,
  });
  expect(parsePath('g/Loop[done]')).toEqual({ iterations: [], nodePath: 'g/Loop', visit: 1, done: true });
});

test('a step and its path hold the same, whatever the ids are', () => {
  fc.assert(
    fc.property(step, (one) => {
      expect(parsePath(pathOf(one))).toEqual(one);
    }),
  );
});

test('two steps have two paths', () => {
  fc.assert(
    fc.property(step, step, (one, other) => {
      expect(pathOf(one) === pathOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});

test('an id that looks like a path is not one', () => {
  expect(encodeSegment('a/b#2[0]')).toBe('a%2fb%232%5b0%5d');
  expect(encodeSegment('ChatInput-aB3_x')).toBe('ChatInput-aB3_x');
});
