import { describe, expect, test } from 'vitest';
import {
  type Search,
  addressOf,
  exportAddress,
  hasEmptyFields,
  problemOfRefusal,
  readSearch,
  shownInField,
} from './audit-search.js';

const TEAM = '0198c6de-5b1f-7c3a-9f50-2d6f0a3b9c11';

describe('a search', () => {
  test('is what the API takes, with times in UTC', () => {
    const read = readSearch({
      where: TEAM,
      from: '2026-11-30T17:00',
      to: '2026-12-01',
      action: 'flow.*',
      after: 'x',
    });
    expect(read).toEqual({
      query: {
        team_id: TEAM,
        scope: 'team',
        from: '2026-11-30T17:00:00Z',
        to: '2026-12-01T00:00:00Z',
        action: 'flow.*',
        order: 'newest',
        after: 'x',
        limit: 50,
        count: 'true',
      },
    });
    expect(readSearch({ where: 'organisation' })).toMatchObject({ query: { scope: 'organisation' } });
  });

  test('reads the page before against the order', () => {
    expect(readSearch({ before: 'x' })).toMatchObject({ query: { order: 'oldest', after: 'x' } });
    expect(readSearch({ before: 'x', order: 'oldest' })).toMatchObject({ query: { order: 'newest' } });
  });

  test('tells what is wrong with it, beside each field', () => {
    const read = readSearch({
      where: 'nowhere',
      from: 'yesterday',
      result: 'maybe',
      order: 'none',
      text: 'ab',
      action: 'a'.repeat(501),
      before: 'x'.repeat(501),
    });
    expect('problems' in read && [...read.problems.keys()].toSorted()).toEqual(
      ['action', 'before', 'from', 'order', 'result', 'text', 'where'].toSorted(),
    );
    expect('problems' in read && read.problems.get('from')).toBe(
      'must be a time, such as 2026-01-31T12:00:00Z',
    );
  });

  test('shows what the service refuses beside its field', () => {
    expect(problemOfRefusal('query: from lies behind to', {})).toEqual(new Map([['from', 'lies behind to']]));
    expect(problemOfRefusal('query: text is looked for in at most 62 days', {})).toEqual(
      new Map([['text', 'is looked for in at most 62 days']]),
    );
    expect(problemOfRefusal('after: this is not a page key', { before: 'x' })).toEqual(
      new Map([['before', 'this is not a page key']]),
    );
    expect(problemOfRefusal('something else', {})).toEqual(new Map([['where', 'something else']]));
  });
});

describe('an address', () => {
  test('has the fields that are filled, in one order', () => {
    expect(addressOf({ text: 'a b&c', from: '', where: TEAM })).toBe(`/audit?where=${TEAM}&text=a+b%26c`);
    expect(addressOf({})).toBe('/audit');
    expect(hasEmptyFields({ where: TEAM, text: '' })).toBe(true);
    expect(hasEmptyFields({ where: TEAM })).toBe(false);
  });

  test('of an export has the filter and the same times, and not the page', () => {
    const nowMs = Date.parse('2026-11-30T17:00:30Z');
    const of = (search: Search): string => {
      const read = readSearch(search);
      return 'query' in read ? exportAddress(read.query, 'csv', nowMs) : '';
    };
    expect(of({ where: 'organisation', action: 'flow.*', after: 'x', order: 'oldest' })).toBe(
      '/api/platform/v1/audit/export?scope=organisation&action=flow.*&from=2026-10-31T17%3A00%3A00.000Z&format=csv',
    );
    expect(of({ to: '2026-03-31' })).toContain('&from=2026-03-01T00%3A00%3A00.000Z');
    expect(of({ from: '2026-01-01' })).toContain('&from=2026-01-01T00%3A00%3A00Z');
  });
});

test.each([
  ['2026-11-30T17:00', '2026-11-30T17:00'],
  ['2026-11-30T17:00:05.25Z', '2026-11-30T17:00:05.250'],
  ['2026-11-30T19:00:00+02:00', '2026-11-30T17:00'],
  ['2026-11-30', '2026-11-30T00:00'],
  ['soon', ''],
])('a field for times shows %s as %s', (given, shown) => {
  expect(shownInField(given)).toBe(shown);
});
