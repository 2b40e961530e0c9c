import { type Place, findMissing, levelOf, permissionsOfRole } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type { Grant, Principal, Role } from '@causeway/contracts';
import { placeOf } from '../store/stored-place.js';

/**
 * Checks that the caller may give, change or take away a role at a place: nobody does that with more than they have there.
 *
 * @throws CausewayError ROLE_TOO_WIDE
 */
export function checkMayGive(
  principal: Principal,
  role: Pick<Role, 'name' | 'permissions'>,
  place: Place,
): void {
  const wanted = permissionsOfRole(role.name, role.permissions, levelOf(place));
  const permission = findMissing(principal, wanted, place);
  if (permission !== undefined) throw causewayError('ROLE_TOO_WIDE', { role: role.name, permission });
}

/**
 * Checks that the caller may end or restore the access of somebody, or change who is in a group: that is like taking these roles away and
 * giving them. What is shared with a team comes and goes with the role in that team, so it is not counted beside it.
 *
 * @param grants  of the person, the account or the group
 * @throws CausewayError ROLE_TOO_WIDE
 */
export function checkMayGiveAll(principal: Principal, grants: readonly Grant[]): void {
  for (const grant of grants)
    if (!grant.sharedWith)
      checkMayGive(
        principal,
        { name: grant.role, permissions: grant.permissions },
        placeOf(principal.organisationId, grant),
      );
}
