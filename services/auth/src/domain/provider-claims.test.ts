import { describe, expect, it } from 'vitest';
import { groupsOf, shownAs } from './provider-claims.js';

describe('groupsOf', () => {
  it.each([
    ['groups', { groups: ['a', 'b', 'a'] }, ['a', 'b']],
    ['groups', { groups: 'a' }, ['a']],
    ['groups', { groups: ['a', 7, null, '', ['b']] }, ['a']],
    ['groups', { groups: { a: true } }, []],
    ['groups', { groups: 7 }, []],
    ['groups', {}, []],
    ['realm_access.roles', { realm_access: { roles: ['x'] } }, ['x']],
    ['https://example.com/groups', { 'https://example.com/groups': ['y'] }, ['y']],
    ['constructor.name', {}, []],
  ])('reads %s', (path, claims, values) => {
    expect(groupsOf(path, claims)).toEqual({ kind: 'named', values });
  });

  it('asks the sources one after another', () => {
    expect(groupsOf('groups', { name: 'Ada' }, { groups: ['a'] })).toEqual({ kind: 'named', values: ['a'] });
    expect(groupsOf('groups', { groups: [] }, { groups: ['a'] })).toEqual({ kind: 'named', values: [] });
  });

  it.each([
    { _claim_names: { groups: 'src1' }, _claim_sources: {} },
    { hasgroups: true },
    { hasgroups: 'true' },
    { groups: Array.from({ length: 1_001 }, (_, index) => `g${index}`) },
  ])('concludes nothing when there are more than it is told: %#', (claims) => {
    expect(groupsOf('groups', claims)).toEqual({ kind: 'unknown' });
  });

  it('takes what userinfo names although the ID token could not name it', () => {
    const token = { _claim_names: { groups: 'src1' } };
    expect(groupsOf('groups', token, { groups: ['a'] })).toEqual({ kind: 'named', values: ['a'] });
  });
});

describe('shownAs', () => {
  it('shows an e-mail address only when the provider says itself that it is verified', () => {
    const claims = { email: 'ada@example.com', name: 'Ada' };
    expect(shownAs('s', { ...claims, email_verified: true }).email).toBe('ada@example.com');
    for (const email_verified of ['true', 'false', 1, false, undefined])
      expect(shownAs('s', { ...claims, email_verified }).email).toBeNull();
  });

  it('falls back from the name to the user name, the address and the subject', () => {
    expect(shownAs('s', {}, { preferred_username: 'ada' }).name).toBe('ada');
    expect(shownAs('s', { email: 'a@b.de', email_verified: true }).name).toBe('a@b.de');
    expect(shownAs('s', { name: 7 }).name).toBe('s');
  });
});
