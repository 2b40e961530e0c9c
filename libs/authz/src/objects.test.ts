import type { Grant, Level, ObjectGrant, Permission, Principal } from '@causeway/contracts';
import { describe, expect, test } from 'vitest';
import { checkPermitted, decide, isWithin, reachOf } from './authorize.js';
import type { OwnedObject } from './authorize.js';
import { covers, idOf, knowsTeam, levelOf, objectsIn, permissionsAt, principalAt } from './grants.js';
import { permissionsOfRole } from './roles.js';

const [organisationId, teamId, projectId, flowId] = ['o', 't', 'p', 'f'];
const tenant = { organisationId, teamId };
const flowPlace = { ...tenant, projectId, flowId };
const grant = (level: Level, objectId: string, permissions: Permission[], in_ = teamId): Grant => ({
  role: 'r',
  level,
  objectId,
  ...(level !== 'team' && level !== 'organisation' && { teamId: in_ }),
  permissions,
});
const holder = (permissions: Permission[], ...objects: ObjectGrant[]): Principal => ({
  kind: 'user',
  id: 'u',
  name: 'u',
  ...tenant,
  permissions,
  ...(objects.length > 0 && { objects }),
});
const onFlow = (...permissions: Permission[]): ObjectGrant => ({
  level: 'flow',
  objectId: flowId,
  permissions,
});
const onProject = (...permissions: Permission[]): ObjectGrant => ({
  level: 'project',
  objectId: projectId,
  permissions,
});

test('a place is what its narrowest id says', () => {
  const places = [{ organisationId }, tenant, { ...tenant, projectId }, flowPlace];
  expect(places.map(levelOf)).toEqual(['organisation', 'team', 'project', 'flow']);
  expect(places.map(idOf)).toEqual([organisationId, teamId, projectId, flowId]);
});

describe('a grant in a project or a flow', () => {
  test.each([
    ['project', projectId, teamId, flowPlace, true],
    ['project', projectId, teamId, { ...tenant, projectId }, true],
    ['project', projectId, teamId, tenant, false],
    ['project', 'another', teamId, flowPlace, false],
    ['flow', flowId, teamId, flowPlace, true],
    ['flow', flowId, teamId, { ...tenant, projectId }, false],
    ['flow', projectId, teamId, flowPlace, false],
    // The id alone says nothing: another team may have a flow of this id one day.
    ['flow', flowId, 'another', flowPlace, false],
    ['project', projectId, 'another', flowPlace, false],
  ] as const)('in the %s %s of team %s covers %j: %s', (level, objectId, in_, place, isCovered) => {
    expect(covers(grant(level, objectId, [], in_), place)).toBe(isCovered);
  });

  test('makes the team known, and allows nothing in the rest of it', () => {
    const grants = [grant('flow', flowId, ['flow:run'])];
    expect(knowsTeam(grants, tenant)).toBe(true);
    expect(knowsTeam(grants, { organisationId, teamId: 'another' })).toBe(false);
    expect(permissionsAt(grants, tenant)).toEqual([]);
    expect(permissionsAt(grants, flowPlace)).toEqual(['flow:run']);
  });

  test('becomes an object of the principal in that team only, and several of one object become one', () => {
    const grants = [
      grant('flow', flowId, ['flow:run']),
      grant('flow', flowId, ['flow:read', 'flow:run']),
      grant('team', teamId, ['key:read']),
      grant('project', 'elsewhere', ['flow:read'], 'another'),
    ];
    expect(objectsIn(grants, tenant)).toEqual([onFlow('flow:run', 'flow:read')]);
    const there = principalAt({ ...holder([], onProject('run:read')), grants }, { teamId: 'another' });
    expect(there).toMatchObject({ teamId: 'another', permissions: [] });
    expect(there.objects).toEqual([{ level: 'project', objectId: 'elsewhere', permissions: ['flow:read'] }]);
    expect(principalAt({ ...there, grants: [] }, tenant).objects).toBeUndefined();
  });

  test('allows only what is about a project or a flow', () => {
    const about = (level: Level): string[] => [
      ...new Set(permissionsOfRole('owner', undefined, level).map((one) => one.slice(0, one.indexOf(':')))),
    ];
    expect(about('flow').toSorted()).toEqual(['file', 'flow', 'member', 'message', 'run']);
    expect(about('project').toSorted()).toEqual(['file', 'flow', 'member', 'message', 'project', 'run']);
  });
});

describe('an object', () => {
  const flow: OwnedObject = { type: 'flow', id: flowId, projectId, ...tenant };
  const run: OwnedObject = { type: 'run', id: 'r', projectId, flowId, ...tenant };
  const reason = (principal: Principal, act: Permission, object: OwnedObject): string =>
    decide({ principal, tenant }, act, object).reason;

  test.each([
    [holder([], onFlow('flow:run')), 'flow:run', flow, 'permitted'],
    [holder([], onProject('flow:run')), 'flow:run', flow, 'permitted'],
    [holder(['flow:read'], onFlow('flow:run')), 'flow:run', flow, 'permitted'],
    [holder(['flow:read'], onFlow('flow:run')), 'flow:write', flow, 'not permitted'],
    [holder([], onFlow('flow:read')), 'flow:write', flow, 'not permitted'],
    // Whoever may read its runs only does not know the flow.
    [holder([], onFlow('run:read')), 'flow:read', flow, 'invisible'],
    [holder([], onFlow('run:read')), 'run:read', run, 'permitted'],
    [holder([], onProject('run:read')), 'run:cancel', run, 'not permitted'],
    [holder(['flow:read'], onFlow('flow:read')), 'run:read', run, 'invisible'],
    [holder([], { ...onFlow('flow:run'), objectId: 'another' }), 'flow:run', flow, 'invisible'],
    // A project and a flow of one id are two things.
    [holder([], { ...onProject('flow:run'), objectId: flowId }), 'flow:run', flow, 'invisible'],
    [holder(['key:read']), 'flow:run', flow, 'invisible'],
  ] as const)('%#: %j may do %s to %j: %s', (principal, act, object, expected) => {
    expect(reason(principal, act, object)).toBe(expected);
  });

  test('of another team stays unknown to whoever has a role for its id', () => {
    expect(reason(holder([], onFlow('flow:run')), 'flow:run', { ...flow, teamId: 'another' })).toBe(
      'invisible',
    );
  });
});

test('the reach of a principal is everything, or its projects and flows with one of the permissions', () => {
  const one = holder(['key:read'], onFlow('flow:read'), onProject('flow:write', 'run:read'));
  expect(reachOf(holder(['flow:read'], onFlow('flow:read')), ['flow:read'])).toBeUndefined();
  expect(reachOf(one, ['flow:read', 'flow:write'])).toEqual({ projectIds: [projectId], flowIds: [flowId] });
  expect(reachOf(one, ['run:read'])).toEqual({ projectIds: [projectId], flowIds: [] });
  expect(reachOf(one, ['file:read'])).toEqual({ projectIds: [], flowIds: [] });
  const reach = { projectIds: [projectId], flowIds: ['g'] };
  expect(isWithin(undefined, { projectId: 'x', flowId: 'y' })).toBe(true);
  expect(isWithin(reach, { projectId, flowId: 'y' })).toBe(true);
  expect(isWithin(reach, { projectId: 'x', flowId: 'g' })).toBe(true);
  expect(isWithin(reach, { projectId: 'g', flowId: projectId })).toBe(false);
});

test('a permission for one object is enough only where the object is decided about later', () => {
  const principal = holder([], onFlow('flow:read'));
  expect(() => checkPermitted({ principal }, ['flow:read'], true)).not.toThrow();
  expect(() => checkPermitted({ principal }, ['flow:read'])).toThrow('flow:read');
  expect(() => checkPermitted({ principal }, ['flow:read', 'run:read'], true)).toThrow('run:read');
});
