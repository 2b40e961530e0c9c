import { type Grant, type Level, type Permission, type Principal, permissions } from '@causeway/contracts';
import { describe, expect, test } from 'vitest';
import { decide, isWithin, mayOnlyByShare, reachOf } from './authorize.js';
import type { OwnedObject } from './authorize.js';
import { allowingGrants, objectsIn, permissionsAt, principalAt, workTeam } from './grants.js';
import { principalOfShare, sharedPermissions, sharesOf } from './shares.js';

const [organisationId, ours, theirs, flowId] = ['o', 'ours', 'theirs', 'f'];
const shared = (permissions: Permission[], withTeam = theirs, objectId = flowId): Grant => ({
  role: 'r',
  level: 'flow',
  objectId,
  teamId: ours,
  sharedWith: { id: withTeam, name: withTeam },
  permissions,
});
const grant = (level: Level, objectId: string, permissions: Permission[], teamId?: string): Grant => ({
  role: 'r',
  level,
  objectId,
  ...(teamId !== undefined && { teamId }),
  permissions,
});
const member = (...grants: Grant[]): Principal =>
  principalAt(
    { kind: 'user', id: 'u', name: 'u', organisationId, teamId: theirs, permissions: [], grants },
    { teamId: theirs },
  );
const flow = { type: 'flow', id: flowId, organisationId, teamId: ours, projectId: 'p' } as const;
const run = (principalId: string): OwnedObject => ({ ...flow, type: 'run', id: 'r', flowId, principalId });
const reasonIn = (principal: Principal, act: Permission, object: OwnedObject): string =>
  decide({ principal, tenant: { organisationId, teamId: principal.teamId } }, act, object).reason;

describe('a flow that is shared with a team', () => {
  test('is used in the team that owns it, with what the share gives and nothing else', () => {
    const inTeam = grant('organisation', organisationId, ['flow:write', 'variable:read']);
    const principal = member(inTeam, shared(['flow:run', 'run:read']));
    expect(reasonIn(principal, 'flow:run', flow)).toBe('invisible');
    const there = principalOfShare(principal, { flowId });
    expect(there).toMatchObject({ teamId: ours, permissions: [] });
    expect(there?.objects).toEqual([
      { level: 'flow', objectId: flowId, permissions: ['flow:run', 'run:read'], ownRuns: true },
    ]);
    expect(principalOfShare(principal, { flowId: 'another' })).toBeUndefined();
    expect(principalOfShare(principal, { teamId: 'another' })).toBeUndefined();
  });

  test('shows its callers their own runs and no others', () => {
    const there = principalOfShare(member(shared(['run:read', 'flow:read'])), { flowId }) as Principal;
    expect(reasonIn(there, 'run:read', run('u'))).toBe('permitted');
    expect(reasonIn(there, 'run:read', run('somebody else'))).toBe('invisible');
    expect(reasonIn(there, 'flow:read', flow)).toBe('permitted');
    const reach = reachOf(there, ['run:read']);
    expect(reach).toEqual({ projectIds: [], flowIds: [], ownRuns: { principalId: 'u', flowIds: [flowId] } });
    const place = { projectId: 'p', flowId };
    expect([isWithin(reach, place, 'u'), isWithin(reach, place, 'v'), isWithin(reach, place)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(isWithin(reach, { ...place, flowId: 'another' }, 'u')).toBe(false);
    expect(reachOf(there, ['flow:read'])).toEqual({ projectIds: [], flowIds: [flowId] });
  });

  test('is not mixed up with a flow of another team that has its id', () => {
    const other = { ...shared(['flow:write']), teamId: 'third' };
    const there = principalOfShare(member(shared(['flow:run']), other), { flowId });
    expect(there).toMatchObject({ teamId: ours, objects: [{ permissions: ['flow:run'] }] });
  });

  test('is known to whoever works in that team, and to nobody else by it', () => {
    const principal = member(grant('team', 'third', ['flow:run']), shared(['flow:run'], 'third'));
    expect(sharesOf(principal)).toEqual([]);
    expect(sharesOf({ ...principal, teamId: 'third' })).toHaveLength(1);
    // A role of one's own in a flow of another team holds wherever one works, and in its own team it is no share.
    const own = member(grant('flow', flowId, ['flow:run'], ours));
    expect(sharesOf(own)).toHaveLength(1);
    expect(sharesOf({ ...own, teamId: ours })).toEqual([]);
  });

  test('does not make its team the one in which somebody works', () => {
    const grants = [shared(['flow:run']), grant('team', theirs, ['flow:run'])];
    expect(workTeam(grants, { organisationId, teamId: 'left' })).toBe(theirs);
  });

  test('gives no chats, files, members or secrets, whatever the role', () => {
    const kinds = new Set(sharedPermissions(permissions).map((one) => one.split(':')[0]));
    expect([...kinds]).toEqual(['flow', 'run']);
  });

  test('is not only shared for whoever also has a role in the flow itself', () => {
    const own = grant('flow', flowId, ['flow:run'], ours);
    const [byShare, byBoth] = [[shared(['flow:run'])], [shared(['flow:run']), own]].map((grants) => ({
      ...member(),
      teamId: ours,
      objects: objectsIn(grants, { teamId: ours }),
    })) as [Principal, Principal];
    expect(mayOnlyByShare(byShare, 'flow:run', flow)).toBe(true);
    expect(mayOnlyByShare(byBoth, 'flow:run', flow)).toBe(false);
    expect(mayOnlyByShare(byBoth, 'flow:write', flow)).toBe(false);
  });
});

/** Always the same numbers from 0 up to 1: a failure can be repeated. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('of any grants', () => {
  const next = numbers(27);
  const some = <T>(from: readonly T[]): T[] => from.filter(() => next() < 0.4);
  const one = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const teams = [ours, theirs, 'third'];
  /** A flow is in one team. */
  const flows = [
    [flowId, ours],
    ['g', ours],
    ['h', theirs],
    ['i', 'third'],
  ] as const;
  const inFlow = ([id, teamId]: readonly [string, string], held: Permission[]): Grant =>
    grant('flow', id, held, teamId);
  const randomGrant = (): Grant => {
    const held = some(permissions);
    switch (one(['organisation', 'team', 'project', 'flow', 'shared'] as const)) {
      case 'organisation':
        return grant('organisation', organisationId, held);
      case 'team':
        return grant('team', one(teams), held);
      case 'project':
        return grant('project', one(['p', 'q']), held, one(teams));
      case 'flow':
        return inFlow(one(flows), held);
      case 'shared':
        return shared(sharedPermissions(held), one([theirs, 'third']), one([flowId, 'g']));
    }
  };
  const places = teams.flatMap((teamId) => [
    { organisationId, teamId },
    { organisationId, teamId, projectId: 'p' },
    { organisationId, teamId, projectId: 'p', flowId },
  ]);
  const objects = teams.flatMap((teamId): OwnedObject[] => [
    { ...flow, teamId },
    { ...run('u'), teamId },
    { ...run('v'), teamId },
  ]);
  const acts: readonly Permission[] = ['flow:read', 'flow:run', 'flow:write', 'run:read', 'run:cancel'];
  /** What somebody may do in each team, and by shares from the own one. */
  const allowedBy = (grants: readonly Grant[]): Set<string> => {
    const principal = member(...grants);
    const everywhere = [
      ...teams.map((teamId) => principalAt(principal, { teamId })),
      principalOfShare(principal, { flowId }),
    ].filter((found) => found !== undefined);
    return new Set([
      ...places.flatMap((place, at) => permissionsAt(grants, place).map((act) => `${at} ${act}`)),
      ...everywhere.flatMap((acting, who) =>
        objects.flatMap((object, what) =>
          acts
            .filter((act) => reasonIn(acting, act, object) === 'permitted')
            .map((act) => `${who} ${what} ${act}`),
        ),
      ),
    ]);
  };

  test('one more never takes access away, and the order means nothing', () => {
    for (let round = 0; round < 300; round++) {
      const grants = Array.from({ length: Math.floor(next() * 6) }, randomGrant);
      const more = [...grants, randomGrant()];
      const [before, after] = [allowedBy(grants), allowedBy(more)];
      expect([...before].filter((one) => !after.has(one))).toEqual([]);
      expect(allowedBy(more.toReversed())).toEqual(after);
    }
  });

  test('what a key leaves out is allowed nowhere, also by no share', () => {
    for (let round = 0; round < 300; round++) {
      const grants = Array.from({ length: 1 + Math.floor(next() * 6) }, randomGrant);
      const scope = some(permissions);
      const narrowed = grants.map((each) => ({
        ...each,
        permissions: each.permissions.filter((permission) => scope.includes(permission)),
      }));
      const [all, narrow] = [allowedBy(grants), allowedBy(narrowed)];
      expect([...narrow].filter((one) => !all.has(one))).toEqual([]);
      for (const place of places)
        for (const act of permissions)
          if (!scope.includes(act)) expect(allowingGrants(narrowed, act, place)).toEqual([]);
      const there = principalOfShare(member(...narrowed), { flowId });
      for (const object of there?.objects ?? [])
        expect(object.permissions.filter((act) => !scope.includes(act))).toEqual([]);
    }
  });
});
