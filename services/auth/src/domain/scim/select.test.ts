import { describe, expect, it } from 'vitest';
import { userDefinition } from './attributes.js';
import type { Fields } from './matches.js';
import { personOf } from './person.js';
import { select, wants } from './select.js';

const ann = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  id: 'i',
  userName: 'ann',
  name: { givenName: 'Ann', familyName: 'Example' },
  emails: [
    { value: 'a@x.example', type: 'work' },
    { value: 'b@x.example', type: 'home' },
  ],
  groups: [{ value: 'g' }],
};

describe('the attributes of an answer', () => {
  it.each([
    [{ attributes: 'USERNAME' }, { schemas: ann.schemas, id: 'i', userName: 'ann' }],
    [
      { attributes: 'name.givenName, emails.value,nothing' },
      {
        schemas: ann.schemas,
        id: 'i',
        name: { givenName: 'Ann' },
        emails: [{ value: 'a@x.example' }, { value: 'b@x.example' }],
      },
    ],
    [
      { excludedAttributes: 'emails,groups,id,name.givenName' },
      { ...without(), name: { familyName: 'Example' } },
    ],
    [{}, ann],
  ])('are those that are asked for: %j', (selection, expected) => {
    expect(select(userDefinition, ann, selection)).toEqual(expected);
  });

  it('say which other tables are read', () => {
    expect(wants(userDefinition, {}, 'groups')).toBe(true);
    expect(wants(userDefinition, { excludedAttributes: 'groups' }, 'groups')).toBe(false);
    expect(wants(userDefinition, { attributes: 'userName' }, 'groups')).toBe(false);
    expect(wants(userDefinition, { attributes: 'groups.value' }, 'groups')).toBe(true);
  });
});

function without() {
  const { emails: _emails, groups: _groups, ...rest } = ann;
  return rest;
}

describe('the name and address that are shown', () => {
  it.each([
    [
      { userName: 'ann', displayName: ' Ann E. ' },
      { name: 'Ann E.', email: null },
    ],
    [
      { userName: 'ann', name: { formatted: 'Dr Ann' } },
      { name: 'Dr Ann', email: null },
    ],
    [
      { userName: 'ann', name: { givenName: 'Ann', familyName: 'E' }, emails: [{ value: 'a@x' }] },
      { name: 'Ann E', email: 'a@x' },
    ],
    [
      { userName: 'ann', emails: [{ value: 'a@x' }, { value: 'b@x', primary: true }] },
      { name: 'ann', email: 'b@x' },
    ],
    [{ userName: ' ' }, { name: 'somebody without a name', email: null }],
  ] as [Fields, object][])('%j', (resource, expected) => {
    expect(personOf(resource)).toEqual(expected);
  });
});
