import { expect, test } from 'vitest';
import { problemsOf } from '../values/issue-text.js';
import { Time } from './time.js';

test.each(['1900-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2026-01-31T12:00:00+05:30'])(
  '%s is a time',
  (text) => {
    expect(Time.safeParse(text).success).toBe(true);
  },
);

test.each(['0001-01-01T00:00:00Z', '1900-01-01T00:00:00+01:00', '9999-12-31T23:59:59-01:00'])(
  '%s is a time that the database cannot hold',
  (text) => {
    const { error } = Time.safeParse(text);
    expect(error && problemsOf(error, 'query.from')).toEqual([
      'query.from: must be a time between the years 1900 and 9999',
    ]);
  },
);
