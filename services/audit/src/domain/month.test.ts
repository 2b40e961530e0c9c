import { describe, expect, it } from 'vitest';
import { isKept, monthAfter, monthOf } from './month.js';

describe('monthOf', () => {
  it('is the first day of the month in UTC', () => {
    expect(monthOf('2026-11-30T23:59:59.999Z')).toBe('2026-11-01');
  });

  it('is followed by the next month, over the turn of the year', () => {
    expect(monthAfter('2026-12-01')).toBe('2027-01-01');
  });
});

describe('isKept', () => {
  const now = new Date('2026-11-23T12:00:00Z');

  it.each(['2020-01-01T00:00:00Z', '2026-11-23T12:00:00Z', '2026-12-31T23:59:59Z'])(
    'holds for %s',
    (time) => {
      expect(isKept(time, now)).toBe(true);
    },
  );

  it.each(['2019-12-31T23:59:59Z', '2027-01-01T00:00:00Z', '9999-01-01T00:00:00Z'])(
    'fails for %s',
    (time) => {
      expect(isKept(time, now)).toBe(false);
    },
  );
});
