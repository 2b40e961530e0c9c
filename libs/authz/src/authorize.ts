import { causewayError } from '@causeway/contracts';
import type {
  AuditEvent,
  Caller,
  ObjectGrant,
  Permission,
  Principal,
  Reach,
  Tenant,
} from '@causeway/contracts';

/** Kinds of objects that have an owner. */
export type ObjectType = 'flow' | 'project' | 'run' | 'file' | 'message' | 'variable' | 'key';

/** An object that was found, with the team that owns it. The other members name it in errors and in the audit log. */
export interface OwnedObject extends Tenant {
  readonly type: ObjectType;
  readonly id: string;
  /** The project and the flow that it is, or that it belongs to: roles that hold there hold for it. */
  readonly projectId?: string;
  readonly flowId?: string;
  /** Who started the run that it is. */
  readonly principalId?: string;
  /** How the caller named it, if that is not its id. */
  readonly askedAs?: string;
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
export function decide(
  { tenant, principal }: Pick<Caller, 'tenant' | 'principal'>,
  act: Permission,
  object: OwnedObject,
): Decision {
  if (object.organisationId !== tenant.organisationId || object.teamId !== tenant.teamId)
    return { allowed: false, reason: 'invisible' };
  const held = heldOf(principal, object);
  if (held.includes(act)) return { allowed: true, reason: 'permitted' };
  const isKnown = held.some((permission) => permission.startsWith(`${object.type}:`));
  return { allowed: false, reason: isKnown ? 'not permitted' : 'invisible' };
}

/** What a principal may do with an object of its team. Pure. */
export function heldOf(
  { id: principalId, permissions, objects }: Principal,
  object: OwnedObject,
): readonly Permission[] {
  if (!objects) return permissions;
  const { type, id } = object;
  const projectId = type === 'project' ? id : object.projectId;
  const flowId = type === 'flow' ? id : object.flowId;
  const covering = objects.filter(
    ({ level, objectId, ownRuns }) =>
      objectId === (level === 'project' ? projectId : flowId) &&
      (!ownRuns || type === 'flow' || (type === 'run' && object.principalId === principalId)),
  );
  return [...permissions, ...covering.flatMap((one) => one.permissions)];
}

/**
 * The projects and flows of its team with which a principal may do one of these things; undefined when it may do it in the whole team.
 * Pure. Lists and reads are limited by it in their query.
 */
export function reachOf(
  { id: principalId, permissions, objects = [] }: Principal,
  acts: readonly Permission[],
): Reach | undefined {
  if (acts.some((act) => permissions.includes(act))) return undefined;
  const may = objects.filter((object) => acts.some((act) => object.permissions.includes(act)));
  const isOwn = ({ ownRuns }: ObjectGrant): boolean =>
    ownRuns === true && !acts.some((act) => act.startsWith('flow:'));
  const idsOf = (some: readonly ObjectGrant[], wanted: string) =>
    some.filter(({ level }) => level === wanted).map(({ objectId }) => objectId);
  const whole = may.filter((object) => !isOwn(object));
  const own = idsOf(may.filter(isOwn), 'flow');
  return {
    projectIds: idsOf(whole, 'project'),
    flowIds: idsOf(whole, 'flow'),
    ...(own.length > 0 && { ownRuns: { principalId, flowIds: own } }),
  };
}

/** Whether a principal may do something with a flow of its team only because the flow is shared with another team. Pure. */
export function mayOnlyByShare(
  principal: Principal,
  act: Permission,
  flow: OwnedObject & { readonly type: 'flow' },
): boolean {
  const objects = principal.objects?.filter(({ ownRuns }) => !ownRuns) ?? [];
  return heldOf(principal, flow).includes(act) && !heldOf({ ...principal, objects }, flow).includes(act);
}

/**
 * Returns if the caller may do something to an object, else throws.
 *
 * @throws CausewayError PERMISSION_DENIED; for an object of another team the same error as for one that does not exist
 */
export function authorize(
  caller: Pick<Caller, 'tenant' | 'principal'>,
  act: Permission,
  object: OwnedObject,
): void {
  const { allowed, reason } = decide(caller, act, object);
  if (allowed) return;
  if (reason === 'invisible') throw unknownObject(object);
  throw causewayError('PERMISSION_DENIED', { permission: act });
}

/** Whether something of a project and a flow is within a reach. @param principalId  who started the run that it is. Pure. */
export function isWithin(
  reach: Reach | undefined,
  { projectId, flowId }: { readonly projectId: string; readonly flowId: string },
  principalId?: string,
): boolean {
  if (!reach || reach.projectIds.includes(projectId) || reach.flowIds.includes(flowId)) return true;
  const { ownRuns } = reach;
  return ownRuns?.flowIds.includes(flowId) === true && ownRuns.principalId === principalId;
}

/** Whether a principal has a permission in its team or, with `perObject`, for at least one project or flow of the team. Pure. */
export function isPermitted(
  { permissions, objects = [] }: Principal,
  act: Permission,
  perObject = false,
): boolean {
  return permissions.includes(act) || (perObject && objects.some((one) => one.permissions.includes(act)));
}

/**
 * Checks a caller's permissions before any object is known.
 *
 * @param perObject  whether it is enough to have each of them for one project or flow of the team, because the object is decided about later
 * @throws CausewayError PERMISSION_DENIED naming the first permission that the caller lacks
 */
export function checkPermitted(
  { principal }: Pick<Caller, 'principal'>,
  needed: readonly Permission[],
  perObject = false,
): void {
  const permission = needed.find((one) => !isPermitted(principal, one, perObject));
  if (permission !== undefined) throw causewayError('PERMISSION_DENIED', { permission });
}

/** An object as an audit event names it. */
export function auditedObject({ type, id, name, version }: OwnedObject): AuditEvent['object'] {
  return { type, id, ...(name !== undefined && { name }), ...(version !== undefined && { version }) };
}

function unknownObject({ type, id: ownId, askedAs: id = ownId }: OwnedObject): Error {
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
