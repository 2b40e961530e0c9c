import { describe, expect, it } from 'vitest';
import { KEY_BYTES, expiryOf, findTooWide, keyHash, keyText, maskKey } from './api-key.js';

describe('keyText', () => {
  it('is sk- and 43 url-safe characters', () => {
    expect(keyText(new Uint8Array(KEY_BYTES).fill(251))).toMatch(/^sk-[\w-]{43}$/);
  });
});

describe('keyHash', () => {
  it('is the SHA-256 of the text in hex', () => {
    expect(keyHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('maskKey', () => {
  it('shows eight characters and the length', () => {
    expect(maskKey('sk-abcdefghij')).toBe('sk-abcde*****');
  });
});

describe('findTooWide', () => {
  it('names the first permission beyond the maker’s', () => {
    expect(findTooWide(['flow:read', 'key:write', 'flow:run'], ['flow:read'])).toBe('key:write');
  });

  it('finds nothing in a narrower scope', () => {
    expect(findTooWide(['flow:run'], ['flow:read', 'flow:run'])).toBeUndefined();
  });
});

describe('expiryOf', () => {
  const [soon, later] = [new Date(1_000), new Date(2_000)];

  it('is what is wanted, when the maker’s key lasts as long', () => {
    expect(expiryOf(null, null)).toBeNull();
    expect(expiryOf(soon, null)).toBe(soon);
    expect(expiryOf(soon, later)).toBe(soon);
    expect(expiryOf(later, new Date(later))).toBe(later);
  });

  it('is the maker’s own without a wish', () => {
    expect(expiryOf(null, soon)).toBe(soon);
  });

  it('is never later than the maker’s', () => {
    expect(() => expiryOf(later, soon)).toThrow('1970-01-01T00:00:01.000Z');
  });
});
