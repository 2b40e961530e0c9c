import { authorize, decide, heldOf, mayOnlyByShare } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type { Permission } from '@causeway/contracts';
import type { Actor } from '../domain/registry-event.js';

/** A flow or a project of the actor's team. */
interface TeamObject {
  readonly type: 'flow' | 'project';
  readonly id: string;
  /** The project of a flow. */
  readonly projectId?: string;
}

/** A flow of the actor's team, and the project that it is in. */
interface PlacedId {
  readonly id: string;
  readonly projectId: string;
}

/**
 * Returns if the actor may do something to a flow or a project of its team, else throws.
 *
 * @throws CausewayError PERMISSION_DENIED; FLOW_UNKNOWN or PROJECT_UNKNOWN for an actor who may not know it
 */
export function authorizeActor({ principal }: Actor, act: Permission, object: TeamObject): void {
  const { type, id, projectId } = object;
  const { organisationId, teamId } = principal;
  const tenant = { organisationId, teamId };
  authorize({ principal, tenant }, act, {
    type,
    id,
    ...tenant,
    ...(projectId !== undefined && { projectId }),
  });
}

/**
 * The same for what only the team that owns a flow may do with it: whoever has the permission only because the flow is shared with another
 * team may not take the flow away, nor open it to others for longer than the share lasts.
 *
 * @throws CausewayError PERMISSION_DENIED; FLOW_UNKNOWN for an actor who may not know it
 */
export function authorizeOwner(actor: Actor, permission: Permission, { id, projectId }: PlacedId): void {
  const flow = { type: 'flow', id, projectId } as const;
  authorizeActor(actor, permission, flow);
  const { organisationId, teamId } = actor.principal;
  if (mayOnlyByShare(actor.principal, permission, { ...flow, organisationId, teamId }))
    throw causewayError('PERMISSION_DENIED', { permission });
}

/** Whether the actor may do anything with a flow of its team; else it does not exist for the actor. */
export function mayKnow({ principal }: Actor, { id, projectId }: PlacedId): boolean {
  const { organisationId, teamId } = principal;
  const tenant = { organisationId, teamId };
  return (
    decide({ principal, tenant }, 'flow:read', { type: 'flow', id, projectId, ...tenant }).reason !==
    'invisible'
  );
}

/**
 * Checks that the actor, who may change a flow, may move it to another project: it must not get permissions for the flow by that, so it needs, where the flow
 * is now, what its roles in the other project allow.
 *
 * @throws CausewayError PERMISSION_DENIED
 */
export function checkMayMove({ principal }: Actor, { id, projectId }: PlacedId, to: string): void {
  const { organisationId, teamId } = principal;
  const flow = { type: 'flow', id, organisationId, teamId } as const;
  const now = heldOf(principal, { ...flow, projectId });
  const there = heldOf(principal, { ...flow, projectId: to });
  const permission = there.find((one) => !now.includes(one));
  if (permission !== undefined) throw causewayError('PERMISSION_DENIED', { permission });
}
