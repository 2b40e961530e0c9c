import { type Place, idOf, levelOf } from '@causeway/authz';
import type { RoleBinding } from '@causeway/contracts';

/** A place as a role binding stores it. */
export type StoredPlace = Pick<RoleBinding, 'level' | 'objectId' | 'teamId'>;

/** The stored form of a place. */
export function storedPlace(place: Place): StoredPlace {
  const level = levelOf(place);
  const isInTeam = level === 'project' || level === 'flow';
  return { level, objectId: idOf(place), ...(isInTeam && { teamId: place.teamId }) };
}

/** The place of a role binding or a grant. That of a flow does not say in which project the flow is. */
export function placeOf(organisationId: string, { level, objectId, teamId }: StoredPlace): Place {
  switch (level) {
    case 'organisation':
      return { organisationId };
    case 'team':
      return { organisationId, teamId: objectId };
    case 'project':
      return { organisationId, teamId, projectId: objectId };
    case 'flow':
      return { organisationId, teamId, flowId: objectId };
  }
}
