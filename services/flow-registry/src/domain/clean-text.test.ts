import { describe, expect, it } from 'vitest';
import { cleanText } from './clean-text.js';

describe('cleanText', () => {
  it('replaces NUL and lone surrogates', () => {
    expect(cleanText('a\u0000b\uD83Dc', 10)).toBe('a\uFFFDb\uFFFDc');
  });

  it('cuts between characters', () => {
    expect(cleanText('ab😀', 3)).toBe('ab');
  });
});
