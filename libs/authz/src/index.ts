export type { Decision, ObjectType, OwnedObject } from './authorize.js';
export {
  auditedObject,
  authorize,
  checkPermitted,
  decide,
  heldOf,
  isPermitted,
  isWithin,
  mayOnlyByShare,
  reachOf,
} from './authorize.js';
export {
  type Place,
  allowingGrants,
  authorizeAt,
  coverAny,
  covers,
  findMissing,
  holdsSomewhere,
  idOf,
  homeTeam,
  knowsTeam,
  levelOf,
  objectsIn,
  permissionsAt,
  principalAt,
  principalOfOrganisation,
  workTeam,
} from './grants.js';
export { builtInRoles, permissionsOfRole } from './roles.js';
export { principalOfShare, sharedPermissions, sharesOf } from './shares.js';
