import { PageOrigin, Permission } from '@causeway/contracts';
import { z } from 'zod';
import { parsePart } from '../door/serve.js';

const Origins = z.object({ origins: z.array(PageOrigin).min(1).max(20) });
const Permissions = z.object({ permissions: z.array(Permission) });

/** The permissions that a body names. Throws REQUEST_INVALID for a name that is none. */
export function parsePermissions(names: readonly string[]): Permission[] {
  return (parsePart(Permissions, { permissions: names }, 'body') as z.infer<typeof Permissions>).permissions;
}

/** A key as a body asks for it. */
export function wantedKey(body: {
  readonly name?: string | undefined;
  readonly permissions?: readonly string[] | undefined;
  readonly expires_at?: string | undefined;
  readonly origins?: readonly string[] | undefined;
}): { name: string; permissions?: Permission[]; expiresAt?: string; origins?: string[] } {
  return {
    name: body.name ?? 'API key',
    ...(body.permissions && { permissions: parsePermissions(body.permissions) }),
    ...(body.expires_at != null && { expiresAt: new Date(body.expires_at).toISOString() }),
    ...(body.origins && parseOrigins(body.origins)),
  };
}

/** Throws REQUEST_INVALID for one that browsers do not send so. */
function parseOrigins(origins: readonly string[]): z.infer<typeof Origins> {
  return parsePart(Origins, { origins }, 'body') as z.infer<typeof Origins>;
}
