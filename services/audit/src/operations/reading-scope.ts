import { type Principal, causewayError } from '@causeway/contracts';
import { currentContext } from '@causeway/platform';
import type { EventScope } from '../store/event-query.js';

/** What a request about events says of whose events it means. */
interface Asked {
  readonly organisationId: string;
  readonly teamId: string;
  readonly scope: 'team' | 'organisation';
}

/**
 * Whose events a request may read. The bus has checked the caller's permission in its team; for the whole organisation the signed caller must
 * have it there.
 *
 * @throws CausewayError PERMISSION_DENIED
 */
export function readingScope({ organisationId, teamId, scope }: Asked): EventScope {
  if (scope === 'team') return { organisationId, teamId };
  const { principal } = currentContext();
  if (!principal?.organisationPermissions?.includes('audit:read'))
    throw causewayError('PERMISSION_DENIED', { permission: 'audit:read' });
  return { organisationId };
}

/** Who reads, for the event that tells of it; a service that reads for itself is not a reader. */
export function findReader(): Principal | undefined {
  const { principal } = currentContext();
  return principal === undefined || principal.kind === 'system' ? undefined : principal;
}
