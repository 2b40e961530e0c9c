import { permissions } from '@causeway/contracts';
import { expect, test } from 'vitest';
import { builtInRoles, permissionsOfRole } from './roles.js';

test('each built-in role has the permissions of the one before, and the last one has all', () => {
  const roles = Object.values(builtInRoles);
  for (const [at, role] of roles.entries())
    for (const permission of roles[at - 1] ?? []) expect(role).toContain(permission);
  expect(roles.at(-1)).toEqual(permissions);
});

test('a role in a team has no permission that is about more than the team', () => {
  const ofOrganisation = ['log:read', 'organisation:write'];
  const inTeam = permissions.filter((permission) => !ofOrganisation.includes(permission));
  expect(permissionsOfRole('owner', undefined, 'team')).toEqual(inTeam);
  expect(permissionsOfRole('owner', undefined, 'organisation')).toEqual(permissions);
  expect(permissionsOfRole('mine', ['log:read', 'flow:read'], 'team')).toEqual(['flow:read']);
});

test('a custom role never replaces a built-in one, and an unknown role allows nothing', () => {
  expect(permissionsOfRole('viewer', ['organisation:write'], 'organisation')).toEqual(builtInRoles['viewer']);
  for (const name of ['gone', 'constructor', '__proto__', 'toString'])
    expect(permissionsOfRole(name, undefined, 'organisation')).toEqual([]);
});
