import { auditEvent } from '@causeway/contracts';
import type { AuditEvent, AuditedAct, Principal, RoleBinding } from '@causeway/contracts';
import { newId } from '@causeway/platform';

/** Who changes teams, roles or keys, in which request. */
export interface Actor {
  readonly principal: Principal;
  readonly requestId?: string;
}

/** What such an event can be about. */
type AccessNoun =
  | 'team'
  | 'service_account'
  | 'role'
  | 'role_binding'
  | 'user'
  | 'group'
  | 'group_member'
  | 'password'
  | 'invitation'
  | 'organisation'
  | 'connection'
  | 'scim_token'
  | 'session'
  | 'client'
  | 'signing_key';

/**
 * The audit event of a change of a team, of who somebody is, or of a role.
 *
 * @param teamId  the team that it concerns; none for what concerns the whole organisation
 */
export function accessEvent(
  { principal, requestId }: Actor,
  action: `${AccessNoun}.${'create' | 'update' | 'delete'}`,
  object: AuditEvent['object'],
  detail: NonNullable<AuditedAct['detail']>,
  teamId?: string,
): AuditEvent {
  return auditEvent({
    id: newId(),
    at: new Date(),
    tenant: { organisationId: principal.organisationId, teamId },
    actor: principal,
    action,
    object,
    requestId,
    ...(Object.keys(detail).length > 0 && { detail }),
  });
}

/** The audit event of a role that was given or taken away. */
export function bindingEvent(
  actor: Actor,
  action: 'role_binding.create' | 'role_binding.delete',
  { id, subject, role, level, objectId, teamId: team }: RoleBinding,
): AuditEvent {
  const object = { type: 'role_binding', id, name: `${role} for ${subject.name}` };
  const teamId = level === 'team' ? objectId : team;
  return accessEvent(actor, action, object, { subject, role, level, objectId }, teamId);
}
