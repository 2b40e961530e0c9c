import type { AuditEvent } from '@causeway/contracts';
import { withName } from '../../store/role.store.js';
import type { Moved } from '../../store/scim/shell.store.js';
import { type Actor, accessEvent, bindingEvent } from '../access-event.js';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** The audit event of a person who joined a group or left it. */
export function memberEvent(
  actor: Actor,
  action: 'group_member.create' | 'group_member.delete',
  { id, name }: Named,
  user: Named,
): AuditEvent {
  return accessEvent(actor, action, { type: 'group', id, name }, { user: { id: user.id, name: user.name } });
}

/** The audit events of what one person had and another one has now, and of the first one, who is gone. */
export function joinedEvents(
  actor: Actor,
  from: Named,
  to: Named,
  { given, taken, joined, left }: Moved,
): AuditEvent[] {
  const gone = accessEvent(
    actor,
    'user.delete',
    { type: 'user', id: from.id, name: from.name },
    { joinedTo: { id: to.id, name: to.name } },
  );
  return [
    ...given.map((one) => bindingEvent(actor, 'role_binding.create', withName(one, to.name))),
    ...taken.map((one) => bindingEvent(actor, 'role_binding.delete', withName(one, from.name))),
    ...joined.map((group) => memberEvent(actor, 'group_member.create', group, to)),
    ...left.map((group) => memberEvent(actor, 'group_member.delete', group, from)),
    gone,
  ];
}
