import { causewayError } from '@causeway/contracts';
import type { Grant, Permission, Principal } from '@causeway/contracts';

/** An organisation, or a team in it. */
export interface Place {
  readonly organisationId: string;
  readonly teamId?: string | undefined;
}

/** Whether a grant holds at a place: there, or in everything around it. Pure. */
export function covers(grant: Pick<Grant, 'level' | 'objectId'>, place: Place): boolean {
  return grant.objectId === (grant.level === 'organisation' ? place.organisationId : place.teamId);
}

/** Whether one of the grants holds at a place: who has none there does not know the place. Pure. */
export function coverAny(grants: readonly Grant[], place: Place): boolean {
  return grants.some((grant) => covers(grant, place));
}

/** What grants allow at a place, together: grants add up, and none takes away. Pure. */
export function permissionsAt(grants: readonly Grant[], place: Place): Permission[] {
  const held = new Set<Permission>();
  for (const grant of grants) if (covers(grant, place)) for (const one of grant.permissions) held.add(one);
  return [...held];
}

/** A principal in another team of its organisation: with what its grants allow there, and nothing else. Pure. */
export function principalAt(principal: Principal, { teamId }: { readonly teamId: string }): Principal {
  const { organisationId, grants = [] } = principal;
  return { ...principal, teamId, permissions: permissionsAt(grants, { organisationId, teamId }) };
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
