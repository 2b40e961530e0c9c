import fc from 'fast-check';
import { expect, test } from 'vitest';
import { embeddingVector } from './embedding-vector.js';

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

test('every text has a vector of length 1, always the same', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 300 }), (text, dimensions) => {
      const vector = embeddingVector(text, dimensions);
      expect(vector).toHaveLength(dimensions);
      expect(dot(vector, vector)).toBeCloseTo(1, 4);
      expect(embeddingVector(text, dimensions)).toEqual(vector);
    }),
  );
});

test('a question is nearest to the text with the same words', () => {
  const texts = [
    'Invoices are paid within thirty days.',
    'The cat sleeps on the sofa.',
    'Rain is likely in Oslo.',
  ];
  const question = embeddingVector('When are invoices paid?', 1536);
  const scores = texts.map((text) => dot(question, embeddingVector(text, 1536)));
  expect(scores.indexOf(Math.max(...scores))).toBe(0);
});

test('texts that differ only in signs still differ', () => {
  expect(embeddingVector('?', 64)).not.toEqual(embeddingVector('!', 64));
  expect(embeddingVector('a b', 64)).not.toEqual(embeddingVector('a, b', 64));
});
