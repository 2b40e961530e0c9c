import { authorize } from '@causeway/authz';
import type { Permission } from '@causeway/contracts';
import type { Actor } from '../domain/registry-event.js';

/** A flow or a project of the actor's team. */
interface TeamObject {
  readonly type: 'flow' | 'project';
  readonly id: string;
  /** The project of a flow. */
  readonly projectId?: string;
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
