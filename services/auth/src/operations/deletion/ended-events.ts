import type { AuditEvent } from '@causeway/contracts';
import { eventsOfEach } from '../../domain/events-of-each.js';
import type { Ended } from '../../store/deletion.store.js';
import { type Actor, accessEvent } from '../access-event.js';
import { tokenEvent } from '../oauth/token-event.js';

/**
 * The audit events of what ended with a person, an account or a team. Keys and roles have theirs where they end.
 *
 * @param because  with what it ended
 * @param user     the person with whom it ended, as the events call them
 */
export function endedEvents(
  actor: Actor & { readonly requestId: string },
  { accounts = [], clients = [], grants = [], invitations = [], groups = [], hadPassword = false }: Ended,
  because: string,
  user?: { readonly id: string; readonly name: string },
): AuditEvent[] {
  const { principal, requestId } = actor;
  const named = (type: string, { id, name }: { readonly id: string; readonly name: string }) => ({
    type,
    id,
    name,
  });
  return [
    ...eventsOfEach(accounts, (one) =>
      accessEvent(actor, 'service_account.delete', named('service_account', one), { because }, one.teamId),
    ),
    ...eventsOfEach(clients, (one) =>
      accessEvent(actor, 'client.delete', named('client', one), { because }, one.teamId),
    ),
    ...eventsOfEach(grants, (grant) =>
      tokenEvent(
        'grant.delete',
        { requestId },
        {
          tenant: grant,
          actor: principal,
          id: grant.id,
          detail: { client: grant.clientId, userId: grant.userId, because },
        },
      ),
    ),
    ...eventsOfEach(invitations, (one) =>
      accessEvent(actor, 'invitation.delete', named('invitation', one), { because }),
    ),
    ...(user
      ? groups.map((one) => accessEvent(actor, 'group_member.delete', named('group', one), { user, because }))
      : []),
    ...(user && hadPassword ? [accessEvent(actor, 'password.delete', named('user', user), { because })] : []),
  ];
}
