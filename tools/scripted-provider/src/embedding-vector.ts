import { createHash } from 'node:crypto';

/** The part of a vector that comes from the text as a whole; the rest comes from its words. */
const WHOLE_TEXT_WEIGHT = 0.3;
const PLACES_PER_WORD = 8;

/**
 * A unit vector for a text: always the same for the same text, and nearer to that of a text that shares words with it
 * than to one that doesn't, so that a search over such vectors finds the right texts.
 */
export function embeddingVector(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  for (const word of words) {
    const next = randomBy(seedOf(word));
    for (let place = 0; place < PLACES_PER_WORD; place += 1) {
      const random = next();
      const at = random % dimensions;
      vector[at] = (vector[at] ?? 0) + (random & 0x8000_0000 ? 1 : -1);
    }
  }
  const wordsLength = lengthOf(vector);
  const next = randomBy(createHash('sha256').update(text).digest().readUInt32LE());
  const whole = Float32Array.from(vector, () => next() / 0x8000_0000 - 1);
  const wholeLength = lengthOf(whole) || 1;
  const share = wordsLength === 0 ? 1 : WHOLE_TEXT_WEIGHT;
  const mixed = vector.map(
    (value, at) => (wordsLength === 0 ? 0 : value / wordsLength) + ((whole[at] ?? 0) / wholeLength) * share,
  );
  const length = lengthOf(mixed) || 1;
  return mixed.map((value) => value / length);
}

function lengthOf(vector: Float32Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}

/** FNV-1a, 32 bits. Source: http://www.isthe.com/chongo/tech/comp/fnv/ */
function seedOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Whole numbers below 2³², by Marsaglia's xorshift (2003) over a scrambled seed. */
function randomBy(seed: number): () => number {
  let state = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
