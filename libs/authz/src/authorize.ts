import { causewayError } from '@causeway/contracts';
import type { AuditEvent, Caller, Permission, Tenant } from '@causeway/contracts';

/** Kinds of objects that have an owner. */
export type ObjectType = 'flow' | 'project' | 'run' | 'file' | 'message' | 'variable' | 'key';

/** An object that was found, with the team that owns it. The other members name it in errors and in the audit log. */
export interface OwnedObject extends Tenant {
  readonly type: ObjectType;
  readonly id: string;
  readonly name?: string;
  readonly version?: string;
}

/** Whether a caller may do something to an object, and why. */
export interface Decision {
  readonly allowed: boolean;
  /** `invisible`: for this caller the object does not exist, and no answer may reveal that it does. */
  readonly reason: 'permitted' | 'invisible' | 'not permitted';
}

/** Decides whether a caller may do something to an object. Pure; the object has been loaded before. */
export function decide(caller: Caller, act: Permission, object: OwnedObject): Decision {
  const { tenant, principal } = caller;
  if (object.organisationId !== tenant.organisationId || object.teamId !== tenant.teamId)
    return { allowed: false, reason: 'invisible' };
  if (!principal.permissions.includes(act)) return { allowed: false, reason: 'not permitted' };
  return { allowed: true, reason: 'permitted' };
}

/**
 * Returns if the caller may do something to an object, else throws.
 *
 * @throws CausewayError PERMISSION_DENIED; for an object of another team the same error as for one that does not exist
 */
export function authorize(caller: Caller, act: Permission, object: OwnedObject): void {
  const { allowed, reason } = decide(caller, act, object);
  if (allowed) return;
  if (reason === 'invisible') throw unknownObject(object);
  throw causewayError('PERMISSION_DENIED', { permission: act });
}

/**
 * Checks a caller's permissions before any object is known.
 *
 * @throws CausewayError PERMISSION_DENIED naming the first permission that the caller lacks
 */
export function checkPermitted(
  { principal }: Pick<Caller, 'principal'>,
  needed: readonly Permission[],
): void {
  const permission = needed.find((one) => !principal.permissions.includes(one));
  if (permission !== undefined) throw causewayError('PERMISSION_DENIED', { permission });
}

/** An object as an audit event names it. */
export function auditedObject({ type, id, name, version }: OwnedObject): AuditEvent['object'] {
  return { type, id, ...(name !== undefined && { name }), ...(version !== undefined && { version }) };
}

function unknownObject({ type, id }: OwnedObject): Error {
  switch (type) {
    case 'flow':
      return causewayError('FLOW_UNKNOWN', { flow: id });
    case 'project':
      return causewayError('PROJECT_UNKNOWN', { projectId: id });
    case 'run':
      return causewayError('RUN_UNKNOWN', { runId: id });
    case 'file':
      return causewayError('FILE_UNKNOWN', { file: id });
    case 'message':
      return causewayError('MESSAGE_UNKNOWN', { messageId: id });
    case 'variable':
      return causewayError('VARIABLE_UNKNOWN', { variable: id });
    case 'key':
      return causewayError('KEY_UNKNOWN', { keyId: id });
  }
}
