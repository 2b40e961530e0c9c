import type { Grant, Permission, Principal } from '@causeway/contracts';
import { describe, expect, test } from 'vitest';
import {
  allowingGrants,
  authorizeAt,
  covers,
  findMissing,
  holdsSomewhere,
  permissionsAt,
  homeTeam,
  workTeam,
  principalOfOrganisation,
} from './grants.js';

const [organisationId, teamId, other] = ['o', 't', 'u'];
const grant = (level: Grant['level'], objectId: string, ...permissions: Permission[]): Grant => ({
  role: 'r',
  level,
  objectId,
  permissions,
});
const principal = (...grants: Grant[]): Principal => ({
  kind: 'user',
  id: 'p',
  name: 'p',
  organisationId,
  teamId,
  permissions: [],
  grants,
});
const team = { organisationId, teamId };

describe('a grant', () => {
  test.each([
    ['organisation', organisationId, team, true],
    ['organisation', organisationId, { organisationId }, true],
    ['organisation', 'another', team, false],
    ['team', teamId, team, true],
    ['team', other, team, false],
    ['team', teamId, { organisationId }, false],
    // An id of the other kind means nothing.
    ['team', organisationId, { organisationId }, false],
    ['organisation', teamId, team, false],
  ] as const)('in the %s %s covers %j: %s', (level, objectId, place, isCovered) => {
    expect(covers(grant(level, objectId), place)).toBe(isCovered);
  });
});

describe('grants', () => {
  const grants = [
    grant('organisation', organisationId, 'flow:read'),
    grant('team', teamId, 'flow:run', 'flow:read'),
    grant('team', other, 'flow:write'),
  ];

  test('add up where they hold', () => {
    expect(permissionsAt(grants, team)).toEqual(['flow:read', 'flow:run']);
    expect(permissionsAt(grants, { organisationId })).toEqual(['flow:read']);
    expect(permissionsAt([], team)).toEqual([]);
  });

  test('of the organisation are told apart for a request about the organisation', () => {
    const { organisationPermissions, ...rest } = principalOfOrganisation(principal(...grants));
    expect(organisationPermissions).toEqual(['flow:read']);
    expect(rest).toEqual(principal(...grants));
  });

  test('do not depend on their order, and one more takes nothing away', () => {
    const sorted = (list: readonly Grant[]) => permissionsAt(list, team).toSorted();
    expect(sorted(grants.toReversed())).toEqual(sorted(grants));
    for (const one of grants) {
      const rest = sorted(grants.filter((each) => each !== one));
      expect(sorted(grants)).toEqual(expect.arrayContaining(rest));
    }
  });

  test('that allow something are found', () => {
    expect(allowingGrants(grants, 'flow:read', team)).toEqual(grants.slice(0, 2));
    expect(allowingGrants(grants, 'flow:write', team)).toEqual([]);
  });

  test('decide at a place, and the error names the permission', () => {
    expect(() => authorizeAt(principal(...grants), 'flow:run', team)).not.toThrow();
    expect(() => authorizeAt(principal(...grants), 'flow:write', team)).toThrow('flow:write');
    expect(() => authorizeAt(principal(...grants), 'flow:run', { organisationId })).toThrow('flow:run');
  });

  test('of a principal without any allow nothing', () => {
    const { grants: _none, ...bare } = { ...principal(), permissions: ['flow:run' as const] };
    expect(() => authorizeAt(bare, 'flow:run', team)).toThrow('flow:run');
    expect(findMissing(bare, ['flow:run'], team)).toBe('flow:run');
  });

  test('miss the first permission that is not held there', () => {
    expect(findMissing(principal(...grants), ['flow:read', 'flow:run'], team)).toBeUndefined();
    expect(findMissing(principal(...grants), ['flow:read', 'flow:write'], team)).toBe('flow:write');
  });

  test('are held somewhere or nowhere', () => {
    expect(holdsSomewhere(principal(...grants), 'flow:write')).toBe(true);
    expect(holdsSomewhere(principal(...grants), 'key:read')).toBe(false);
  });
});

describe('workTeam', () => {
  const inFlow = (team: string): Grant => ({ ...grant('flow', 'f', 'flow:read'), teamId: team });

  test.each([
    ['the chosen one, with a role there', [grant('team', other), grant('team', teamId)], teamId],
    ['the chosen one, with a role in the organisation', [grant('organisation', organisationId)], teamId],
    ['the chosen one, with a role for one of its flows', [inFlow(teamId)], teamId],
    ['the first one with a role', [grant('team', other)], other],
    ['the first one with a role for something in it', [inFlow(other)], other],
    ['the chosen one, without any role', [], teamId],
  ])('is %s', (_what, grants, expected) => {
    expect(workTeam(grants, { organisationId, teamId })).toBe(expected);
  });
});

describe('homeTeam', () => {
  const inFlow = (team: string): Grant => ({ ...grant('flow', 'f', 'flow:read'), teamId: team });

  test.each([
    ['the former one, with a role there', [grant('team', other), grant('team', teamId)], teamId],
    [
      'the former one, with a role in the organisation',
      [grant('team', other), grant('organisation', organisationId)],
      teamId,
    ],
    [
      'the one with a role, when only a flow of the former one is shared',
      [inFlow(teamId), grant('team', other)],
      other,
    ],
    ['the former one, when there is nothing else than its flow', [inFlow(teamId)], teamId],
    ['that of a flow, when there is nothing else', [inFlow(other)], other],
    ['the former one, without any role', [], teamId],
  ])('is %s', (_what, grants, expected) => {
    expect(homeTeam(grants, { organisationId, teamId })).toBe(expected);
  });
});
