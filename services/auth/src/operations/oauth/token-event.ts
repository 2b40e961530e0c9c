import { auditEvent } from '@causeway/contracts';
import type { AuditEvent, AuditedAct, Tenant } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import type { Asking } from './asking.js';

/** The audit event of a token or a grant, without any token. */
export function tokenEvent(
  action: 'token.create' | 'token.delete' | 'grant.create' | 'grant.delete',
  { requestId, address }: Pick<Asking, 'requestId' | 'address'>,
  act: {
    readonly tenant: Tenant;
    readonly actor: AuditedAct['actor'];
    readonly id: string;
    /** @default 'succeeded' */
    readonly result?: AuditEvent['result'];
    readonly detail: NonNullable<AuditedAct['detail']>;
  },
): AuditEvent {
  const { id, ...rest } = act;
  return auditEvent({
    id: newId(),
    at: new Date(),
    action,
    object: { type: action.split('.')[0] ?? '', id },
    requestId,
    from: { address },
    ...rest,
  });
}
