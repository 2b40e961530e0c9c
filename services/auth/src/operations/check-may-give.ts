import { type Place, findMissing, levelOf, permissionsOfRole } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type { Principal, Role } from '@causeway/contracts';

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
