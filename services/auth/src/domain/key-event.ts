import { auditEvent } from '@causeway/contracts';
import type { AuditEvent, Principal } from '@causeway/contracts';

/** Who changed a key, and when. `id` is the id of the audit event. */
export interface Act {
  readonly id: string;
  readonly at: Date;
  readonly actor: Pick<Principal, 'kind' | 'id' | 'name' | 'keyId' | 'sessionId' | 'tokenId'>;
  readonly requestId?: string;
}

/** The key that was made or revoked. */
export interface EventKey {
  readonly id: string;
  readonly organisationId: string;
  readonly teamId: string;
  readonly name: string;
  readonly masked: string;
  readonly permissions: readonly string[];
  readonly expiresAt: Date | null;
  /** The key that it was made with, if there is one. */
  readonly madeById: string | null;
  /** The key in whose place it was made. */
  readonly succeedsId?: string;
}

/** The audit event for a key that was made or revoked, or that ends because it has a successor. */
export function keyEvent(
  action: 'key.create' | 'key.update' | 'key.delete',
  key: EventKey,
  act: Act,
): AuditEvent {
  return auditEvent({
    ...act,
    tenant: key,
    action,
    object: { type: 'key', id: key.id, name: key.name },
    detail: {
      masked: key.masked,
      permissions: [...key.permissions],
      expiresAt: key.expiresAt?.toISOString() ?? null,
      madeBy: key.madeById,
      ...(key.succeedsId !== undefined && { succeeds: key.succeedsId }),
    },
  });
}
