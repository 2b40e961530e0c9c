import { auditEvent } from '@causeway/contracts';
import type { AuditEvent, Principal } from '@causeway/contracts';

/** The principal of a change, and the request; the gateway has verified both. */
export interface Actor {
  readonly principal: Principal;
  readonly requestId: string;
}

/** An action on an object of the actor's team. */
export interface Deed {
  /** `<noun>.<verb>`: flow.create. */
  readonly action: string;
  readonly id: string;
  readonly name: string;
  readonly version?: string;
  /** What changed, without values that could be secret. */
  readonly detail?: NonNullable<AuditEvent['detail']>;
}

/** The audit event of a change in the registry. */
export function registryEvent(actor: Actor, deed: Deed, act: { id: string; at: Date }): AuditEvent {
  const { principal, requestId } = actor;
  const { action, id, name, version, detail } = deed;
  return auditEvent({
    ...act,
    tenant: principal,
    actor: principal,
    action,
    object: {
      type: action.slice(0, action.indexOf('.')),
      id,
      name,
      ...(version !== undefined && { version }),
    },
    requestId,
    detail,
  });
}
