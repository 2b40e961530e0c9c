import { auditEvent } from '@causeway/contracts';
import type { AuditEvent, AuditedAct, Principal } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import type { EndedSession } from '../../store/sign-in/session.store.js';

/** The audit event of a session that ended. */
export function endEvent(
  {
    id,
    organisationId,
    teamId,
    userId,
  }: Omit<EndedSession, 'teamId' | 'tokenHash' | 'idToken' | 'connectionId'> & {
    /** None where the event is about the organisation. */
    readonly teamId?: string | undefined;
  },
  about: {
    readonly actor: AuditedAct['actor'] | Principal;
    readonly requestId?: string | undefined;
    /** Where nobody asked for it. */
    readonly because?: string;
  },
): AuditEvent {
  const { because, ...rest } = about;
  return auditEvent({
    id: newId(),
    at: new Date(),
    tenant: { organisationId, teamId },
    ...rest,
    action: 'session.delete',
    object: { type: 'session', id },
    detail: { userId, ...(because !== undefined && { because }) },
  });
}
