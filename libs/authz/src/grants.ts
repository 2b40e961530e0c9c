import { causewayError } from '@causeway/contracts';
import type { Grant, Level, ObjectGrant, Permission, PlaceIds, Principal, Tenant } from '@causeway/contracts';

/** An organisation; or a team in it; or a project or a flow of that team. A flow is named with its project. */
export type Place = Readonly<PlaceIds> & { readonly organisationId: string };

/** A team, with its organisation. */
type TeamPlace = Place & { readonly teamId: string };

/** What kind of place it is. Pure. */
export function levelOf({ teamId, projectId, flowId }: Place): Level {
  if (flowId !== undefined) return 'flow';
  if (projectId !== undefined) return 'project';
  return teamId === undefined ? 'organisation' : 'team';
}

/** The id of a place at its level. Pure. */
export function idOf({ organisationId, teamId, projectId, flowId }: Place): string {
  return flowId ?? projectId ?? teamId ?? organisationId;
}

/** Whether a grant holds at a place: it was given there, or in what is around it. Pure. */
export function covers(
  { level, objectId, teamId }: Pick<Grant, 'level' | 'objectId' | 'teamId'>,
  place: Place,
): boolean {
  switch (level) {
    case 'organisation':
      return objectId === place.organisationId;
    case 'team':
      return objectId === place.teamId;
    case 'project':
      return teamId === place.teamId && objectId === place.projectId;
    case 'flow':
      return teamId === place.teamId && objectId === place.flowId;
  }
}

/** Whether one of the grants holds in a team or in something of it: who has none there does not know the team. Pure. */
export function knowsTeam(grants: readonly Grant[], team: TeamPlace): boolean {
  return grants.some((grant) => covers(grant, team) || grant.teamId === team.teamId);
}

/** Whether one of the grants holds at a place. Pure. */
export function coverAny(grants: readonly Grant[], place: Place): boolean {
  return grants.some((grant) => covers(grant, place));
}

/** What grants allow at a place, together: grants add up, and none takes away. Pure. */
export function permissionsAt(grants: readonly Grant[], place: Place): Permission[] {
  const held = new Set<Permission>();
  for (const grant of grants) if (covers(grant, place)) for (const one of grant.permissions) held.add(one);
  return [...held];
}

/** What grants allow with single projects and flows of a team, beside what they allow in the whole team. Pure. */
export function objectsIn(grants: readonly Grant[], { teamId }: { readonly teamId: string }): ObjectGrant[] {
  const found = new Map<string, ObjectGrant>();
  for (const { level, objectId, teamId: in_, permissions, sharedWith } of grants) {
    if ((level !== 'project' && level !== 'flow') || in_ !== teamId) continue;
    const key = sharedWith ? `${objectId} shared` : objectId;
    const former = found.get(key)?.permissions ?? [];
    const own = sharedWith && { ownRuns: true as const };
    found.set(key, { level, objectId, permissions: [...new Set([...former, ...permissions])], ...own });
  }
  return [...found.values()];
}

/** A principal in a team of its organisation: with what its grants allow there, and nothing else. Pure. */
export function principalAt(principal: Principal, { teamId }: { readonly teamId: string }): Principal {
  const { objects: _former, ...rest } = principal;
  const { organisationId, grants = [] } = principal;
  const objects = objectsIn(grants, { teamId });
  return {
    ...rest,
    teamId,
    permissions: permissionsAt(grants, { organisationId, teamId }),
    ...(objects.length > 0 && { objects }),
  };
}

/**
 * The team in which a session begins: the former one, or the first one with a role in the whole of it. A role in one flow of the former
 * one, which somebody may have shared meanwhile, does not take anybody away from their own team. Pure.
 */
export function homeTeam(grants: readonly Grant[], former: Tenant): string {
  if (coverAny(grants, former)) return former.teamId;
  return grants.find(({ level }) => level === 'team')?.objectId ?? workTeam(grants, former);
}

/**
 * The team in which a session works: the chosen one, or the first one in which there is a role when there is none in that one any more.
 * Without any role it stays the chosen one, where nothing is allowed. Pure.
 */
export function workTeam(grants: readonly Grant[], chosen: Tenant): string {
  if (knowsTeam(grants, chosen)) return chosen.teamId;
  // Whoever has a flow only because it is shared works in the team with which it is.
  for (const { level, objectId, teamId } of grants.filter((grant) => !grant.sharedWith)) {
    if (level === 'team') return objectId;
    if (teamId !== undefined) return teamId;
  }
  return chosen.teamId;
}

/** A principal in its team, with what its grants allow in the whole organisation, for a request about the organisation. Pure. */
export function principalOfOrganisation(principal: Principal): Principal {
  const { organisationId, grants = [] } = principal;
  return { ...principal, organisationPermissions: permissionsAt(grants, { organisationId }) };
}

/** The grants by which a principal may do something at a place; none when it may not. Pure. */
export function allowingGrants(grants: readonly Grant[], act: Permission, place: Place): Grant[] {
  return grants.filter((grant) => covers(grant, place) && grant.permissions.includes(act));
}

/**
 * Returns if a principal may do something at a place, whichever team its request is about.
 *
 * @throws CausewayError PERMISSION_DENIED
 */
export function authorizeAt({ grants = [] }: Principal, act: Permission, place: Place): void {
  if (allowingGrants(grants, act, place).length === 0)
    throw causewayError('PERMISSION_DENIED', { permission: act });
}

/** Whether a principal has a permission at any place. Pure. */
export function holdsSomewhere({ grants = [], permissions }: Principal, act: Permission): boolean {
  return permissions.includes(act) || grants.some((grant) => grant.permissions.includes(act));
}

/** The first of these permissions that a principal does not have at a place; undefined when it has all of them. Pure. */
export function findMissing(
  { grants = [] }: Principal,
  wanted: readonly Permission[],
  place: Place,
): Permission | undefined {
  const held = new Set(permissionsAt(grants, place));
  return wanted.find((permission) => !held.has(permission));
}
