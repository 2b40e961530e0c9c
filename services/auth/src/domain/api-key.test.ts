import { describe, expect, it } from 'vitest';
import { expiryOf, findTooWide } from './api-key.js';

describe('findTooWide', () => {
  it('finds the first permission that the maker does not have', () => {
    expect(findTooWide(['flow:read', 'key:write', 'flow:run'], ['flow:read'])).toBe('key:write');
  });

  it('finds nothing when the maker has every wanted permission', () => {
    expect(findTooWide(['flow:run'], ['flow:read', 'flow:run'])).toBeUndefined();
  });
});

describe('expiryOf', () => {
  const [soon, later] = [new Date(1_000), new Date(2_000)];

  it('returns the requested time if the maker’s key is valid until then', () => {
    expect(expiryOf(null, null)).toBeNull();
    expect(expiryOf(soon, null)).toBe(soon);
    expect(expiryOf(soon, later)).toBe(soon);
    expect(expiryOf(later, new Date(later))).toBe(later);
  });

  it('returns the expiry of the maker’s key if no time is requested', () => {
    expect(expiryOf(null, soon)).toBe(soon);
  });

  it('refuses a time after the expiry of the maker’s key', () => {
    expect(() => expiryOf(later, soon)).toThrow('1970-01-01T00:00:01.000Z');
  });
});
