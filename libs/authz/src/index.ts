export type { Decision, ObjectType, OwnedObject } from './authorize.js';
export { auditedObject, authorize, checkPermitted, decide } from './authorize.js';
