export type { Decision, ObjectType, OwnedObject } from './authorize.js';
export { auditedObject, authorize, checkPermitted, decide } from './authorize.js';
export {
  type Place,
  allowingGrants,
  authorizeAt,
  coverAny,
  covers,
  findMissing,
  holdsSomewhere,
  permissionsAt,
  principalAt,
} from './grants.js';
export { builtInRoles, permissionsOfRole } from './roles.js';
