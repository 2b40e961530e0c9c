import type { Json } from '@causeway/dag';
import { describe, expect, it } from 'vitest';
import { groupDefinition, userDefinition } from './attributes.js';
import { parsePatch, patched } from './patch.js';
import { takeResource } from './take-value.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ann = takeResource(userDefinition, {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
  userName: 'ann',
  active: true,
  name: { givenName: 'Ann', familyName: 'Example' },
  emails: [{ value: 'ann@example.com', type: 'work', primary: true }],
  [ENTERPRISE]: { department: 'Finance' },
});
const change = (...operations: Json[]) =>
  patched(userDefinition, ann, parsePatch({ Operations: operations }));
const staff = takeResource(groupDefinition, {
  displayName: 'staff',
  members: [{ value: '1' }, { value: '2' }],
});
const members = (...operations: Json[]) =>
  (
    (patched(groupDefinition, staff, parsePatch({ Operations: operations }))['members'] ?? []) as {
      value: string;
    }[]
  ).map(({ value }) => value);

describe('a PATCH of a person', () => {
  it('replaces what a path names, also as Entra ID writes it', () => {
    expect(change({ op: 'Replace', path: 'active', value: 'False' })).toMatchObject({ active: false });
    expect(change({ op: 'replace', path: 'ACTIVE', value: false })).toMatchObject({ active: false });
    expect(change({ op: 'replace', path: 'name.givenName', value: 'Anna' })['name']).toEqual({
      givenName: 'Anna',
      familyName: 'Example',
    });
    expect(change({ op: 'Add', path: `${ENTERPRISE}:department`, value: 'Sales' })[ENTERPRISE]).toEqual({
      department: 'Sales',
    });
    expect(change({ op: 'Add', path: `${ENTERPRISE}:manager`, value: 'M-1' })[ENTERPRISE]).toEqual({
      department: 'Finance',
      manager: { value: 'M-1' },
    });
  });

  it('works without a path, also with names that have dots, and leaves out what is unknown or the server’s', () => {
    const value = { active: false, 'name.familyName': 'Other', id: 'x', meta: {}, groups: [], favourite: 1 };
    const next = change({ op: 'replace', value: { ...value, [`${ENTERPRISE}:costCenter`]: 'C1' } });
    expect(next).toMatchObject({ active: false, name: { givenName: 'Ann', familyName: 'Other' } });
    expect(next[ENTERPRISE]).toEqual({ department: 'Finance', costCenter: 'C1' });
    expect(Object.keys(next)).not.toContain('favourite');
    expect(next['id']).toBeUndefined();
  });

  it('changes the values that fit a filter, and makes one that does not exist', () => {
    expect(
      change({ op: 'replace', path: 'emails[type eq "work"].value', value: 'a@x.example' })['emails'],
    ).toEqual([{ value: 'a@x.example', type: 'work', primary: true }]);
    expect(
      change({ op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1' })['phoneNumbers'],
    ).toEqual([{ type: 'mobile', value: '+1' }]);
    expect(change({ op: 'remove', path: 'emails[type eq "work"]' })['emails']).toBeUndefined();
    expect(change({ op: 'remove', path: 'emails[type eq "work"].primary' })['emails']).toEqual([
      { value: 'ann@example.com', type: 'work' },
    ]);
  });

  it('adds a value once, and keeps one primary value', () => {
    const home = { value: 'ann@home.example', type: 'home', primary: true };
    expect(
      change({ op: 'add', path: 'emails', value: [home] }, { op: 'add', path: 'emails', value: home })[
        'emails'
      ],
    ).toEqual([{ value: 'ann@example.com', type: 'work', primary: false }, home]);
  });

  it('removes what a path names', () => {
    expect(change({ op: 'remove', path: 'name.givenName' })['name']).toEqual({ familyName: 'Example' });
    expect(change({ op: 'remove', path: 'name' })['name']).toBeUndefined();
    expect(change({ op: 'remove', path: `${ENTERPRISE}:department` })[ENTERPRISE]).toBeUndefined();
    expect(change({ op: 'remove', path: 'title' })).toEqual(ann);
  });

  it('does not change what it began with', () => {
    const before = structuredClone(ann);
    change({ op: 'replace', path: 'name.givenName', value: 'Anna' }, { op: 'remove', path: 'emails' });
    expect(ann).toEqual(before);
  });

  it.each<[string, string, Json]>([
    ['an unknown attribute', 'invalidPath', { op: 'add', path: 'favourite', value: 'x' }],
    ['what the server sets', 'mutability', { op: 'replace', path: 'id', value: 'x' }],
    ['the groups of a person', 'mutability', { op: 'add', path: 'groups', value: [{ value: 'x' }] }],
    ['nothing', 'noTarget', { op: 'remove' }],
    ['another word', 'invalidSyntax', { op: 'move', path: 'title' }],
    ['no truth', 'invalidValue', { op: 'replace', path: 'active', value: 'maybe' }],
    ['the name away', 'invalidValue', { op: 'remove', path: 'userName' }],
    ['a number as a text', 'invalidValue', { op: 'replace', path: 'externalId', value: 1 }],
    ['a filter on one value', 'invalidPath', { op: 'remove', path: 'title[value eq "x"]' }],
    ['a filter that cannot be read', 'invalidFilter', { op: 'remove', path: 'emails[type is "x"]' }],
    ['a filter that makes nothing', 'noTarget', { op: 'add', path: 'emails[type sw "x"].value', value: 'x' }],
    ['a text as an object', 'invalidValue', { op: 'replace', value: 'x' }],
    ['a text that is too long', 'invalidValue', { op: 'add', path: 'title', value: 'x'.repeat(2_000) }],
    ['NUL', 'invalidValue', { op: 'add', path: 'title', value: 'a\u0000b' }],
    [
      'too many values',
      'invalidValue',
      {
        op: 'add',
        path: 'emails',
        value: Array.from({ length: 30 }, (_, n) => ({ value: `${n}@x.example` })),
      },
    ],
  ])('that names %s is refused', (_name, scimType, operation) => {
    expect(() => change(operation)).toThrow(
      expect.objectContaining({ code: 'SCIM_INVALID', details: expect.objectContaining({ scimType }) }),
    );
  });

  it('has a limit of operations, and needs one', () => {
    const many = Array.from({ length: 501 }, () => ({ op: 'remove', path: 'title' }));
    expect(() => change(...many)).toThrow(/500/);
    expect(() => parsePatch({})).toThrow(/Operations/);
  });

  it('cannot reach what no resource has', () => {
    change({ op: 'replace', value: { ['__proto__']: { active: false }, constructor: { x: 1 } } });
    expect(({} as { active?: boolean }).active).toBeUndefined();
    expect(() => change({ op: 'replace', path: '__proto__.active', value: true })).toThrow(/no attribute/);
  });
});

describe('a PATCH of a group', () => {
  it('adds and removes members in every spelling', () => {
    expect(members({ op: 'add', path: 'members', value: [{ value: '3' }, { value: '1' }] })).toEqual([
      '1',
      '2',
      '3',
    ]);
    expect(members({ op: 'Add', path: 'members', value: { value: '3', display: 'x' } })).toEqual([
      '1',
      '2',
      '3',
    ]);
    expect(members({ op: 'add', value: { members: [{ value: '3' }] } })).toEqual(['1', '2', '3']);
    expect(members({ op: 'remove', path: 'members[value eq "1"]' })).toEqual(['2']);
    expect(members({ op: 'Remove', path: 'members', value: [{ value: '1' }] })).toEqual(['2']);
    expect(members({ op: 'remove', path: 'members' })).toEqual([]);
    expect(members({ op: 'replace', path: 'members', value: [{ value: '9' }] })).toEqual(['9']);
    expect(members({ op: 'replace', path: 'members', value: [] })).toEqual([]);
    expect(members({ op: 'remove', path: 'members[value eq "7"]' })).toEqual(['1', '2']);
  });

  it('renames it as Okta does, with the id in the value', () => {
    const operation = { op: 'replace', value: { id: 'x', displayName: 'people' } };
    expect(patched(groupDefinition, staff, parsePatch({ Operations: [operation] }))).toMatchObject({
      displayName: 'people',
      members: staff['members'],
    });
  });

  it('takes the most operations on the most members', () => {
    const value = Array.from({ length: 9_500 }, (_, n) => ({ value: `0199aaaa-0000-7000-8000-${n}` }));
    const large = takeResource(groupDefinition, { displayName: 'all', members: value });
    const operations = Array.from({ length: 500 }, (_, n): Json =>
      n % 2 === 0
        ? { op: 'add', path: 'members', value: [{ value: `new ${n}` }] }
        : { op: 'remove', path: `members[value eq "0199aaaa-0000-7000-8000-${n}"]` },
    );
    expect(patched(groupDefinition, large, parsePatch({ Operations: operations }))['members']).toHaveLength(
      9_500,
    );
  });

  it('has a limit of values that its filters look at', () => {
    const value = Array.from({ length: 9_500 }, (_, n) => ({ value: String(n) }));
    const large = takeResource(groupDefinition, { displayName: 'all', members: value });
    const operations = Array.from({ length: 6 }, () => ({ op: 'remove', path: 'members[value sw "x"]' }));
    expect(() => patched(groupDefinition, large, parsePatch({ Operations: operations }))).toThrow(/50000/);
  });

  it('has a limit of members', () => {
    const value = Array.from({ length: 10_001 }, (_, n) => ({ value: String(n) }));
    expect(() => members({ op: 'replace', path: 'members', value })).toThrow(/10000/);
  });
});
