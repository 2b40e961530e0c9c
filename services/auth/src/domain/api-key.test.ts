import { describe, expect, it } from 'vitest';
import { KEY_BYTES, findTooWide, keyHash, keyText, maskKey } from './api-key.js';

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
