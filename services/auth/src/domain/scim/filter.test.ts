import { describe, expect, it } from 'vitest';
import { groupDefinition, userDefinition } from './attributes.js';
import { parseFilter } from './filter.js';
import { type Fields, matches } from './matches.js';
import { narrowed } from './narrow.js';
import { scopeOf } from './paths.js';

const scope = scopeOf(userDefinition);
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ann: Fields = {
  id: '0199aaaa-0000-7000-8000-000000000001',
  externalId: 'Ann-1',
  userName: 'Ann@Example.com',
  name: { givenName: 'Ann', familyName: 'Example' },
  active: true,
  emails: [
    { value: 'ann@example.com', type: 'work', primary: true },
    { value: 'ann@home.example', type: 'home' },
  ],
  [ENTERPRISE]: { department: 'Finance', manager: { value: 'M-1' } },
  meta: {
    resourceType: 'User',
    created: '2026-01-01T00:00:00.000Z',
    lastModified: '2026-06-01T00:00:00.000Z',
  },
};
const fits = (text: string): boolean => matches(parseFilter(text, scope), ann);

describe('a filter', () => {
  it.each([
    ['userName eq "ann@example.COM"', true],
    ['USERNAME Eq "ann@example.com"', true],
    ['userName eq "ann"', false],
    ['userName ne "bob"', true],
    ['userName co "EXAMPLE"', true],
    ['userName sw "ann@"', true],
    ['userName ew ".com"', true],
    ['userName gt "aaa"', true],
    ['userName le "aaa"', false],
    ['externalId eq "Ann-1"', true],
    ['externalId eq "ann-1"', false],
    ['title pr', false],
    ['not title pr', true],
    ['title eq null', true],
    ['name.familyName sw "ex"', true],
    ['active eq true', true],
    ['active eq "True"', true],
    ['active ne false', true],
    ['emails pr', true],
    ['emails eq "ann@home.example"', true],
    ['emails.type eq "other"', false],
    ['emails[type eq "work" and value co "@example"]', true],
    ['emails[type eq "home" and value co "@example"]', false],
    ['emails[not (type eq "home")]', true],
    ['meta.lastModified gt "2026-05-31T23:00:00+00:00"', true],
    ['meta.created lt "2026-01-01T01:00:00+02:00"', false],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ann"', true],
    [`${ENTERPRISE}:department eq "finance"`, true],
    [`${ENTERPRISE}:manager.value eq "M-1"`, true],
    ['userName eq "x" or active eq true and title pr', false],
    ['(userName eq "x" or active eq true) and not (title pr)', true],
    ['userName eq "ann\\u0040example.com"', true],
    ['  userName   eq   "ann@example.com"  ', true],
  ])('%s is %s', (text, expected) => {
    expect(fits(text)).toBe(expected);
  });

  it.each([
    '',
    'userName',
    'userName eq',
    'userName eq ann',
    'userName is "ann"',
    'userName eq "ann',
    'userName eq "ann" or',
    'userName eq "a" "b"',
    '(userName eq "ann"',
    'userName eq "ann")',
    'emails[type eq "work"',
    'emails[unknown eq "work"]',
    'userName[type eq "work"]',
    'nothing eq "x"',
    'name eq "x"',
    'active gt true',
    'active eq "maybe"',
    'userName eq 1',
    'userName gt null',
    'meta.created gt "yesterday"',
    `${'('.repeat(30)}userName pr${')'.repeat(30)}`,
    `userName eq "${'x'.repeat(5_000)}"`,
    Array.from({ length: 300 }, () => 'title pr').join(' or '),
    'userName; drop table "user"',
    String.raw`userName eq "a\u0000"`,
    String.raw`externalId co "\ud800"`,
  ])('is refused when it is wrong: %s', (text) => {
    expect(() => parseFilter(text, scope)).toThrow(
      expect.objectContaining({
        code: 'SCIM_INVALID',
        details: expect.objectContaining({ scimType: 'invalidFilter' }),
      }),
    );
  });

  it('that is nothing but escapes is refused', () => {
    expect(() => parseFilter(`userName eq "${'\\'.repeat(3_900)}`, scope)).toThrow(/filter/);
  });
});

describe('what a filter asks of columns', () => {
  it.each([
    ['userName eq "Ann"', { anyOf: [{ name: 'ann' }], isAll: true }],
    ['externalId eq "1" or id eq "2"', { anyOf: [{ externalId: '1' }, { id: '2' }], isAll: true }],
    ['title pr and userName eq "Ann"', { anyOf: [{ name: 'ann' }], isAll: false }],
    ['title pr or userName eq "Ann"', undefined],
    ['not (userName eq "Ann")', undefined],
    ['userName co "Ann"', undefined],
    ['name.givenName eq "Ann"', undefined],
  ])('%s', (text, expected) => {
    expect(narrowed(parseFilter(text, scope), 'userName')).toEqual(expected);
  });

  it('is the name of a group, for groups', () => {
    const filter = parseFilter('displayName eq "Staff"', scopeOf(groupDefinition));
    expect(narrowed(filter, 'displayName')).toEqual({ anyOf: [{ name: 'staff' }], isAll: true });
  });
});
