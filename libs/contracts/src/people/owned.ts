import { z } from 'zod';
import { RoleBinding } from '../access.js';
import { request } from '../contract.js';
import { Principal } from '../tenancy.js';
import { OAuthClientKind } from './oauth.js';
import { User } from './people.js';

/** What people own, and who gets it when they leave. Flows, variables, files and runs belong to teams and stay there. */

const Actor = z.object({ principal: Principal, requestId: z.string() });

/** Most items of a kind that are listed; `totals` counts all. */
export const MOST_OWNED_LISTED = 100;

const OwnedKey = z.object({
  id: z.uuid(),
  name: z.string(),
  masked: z.string(),
  team: z.string(),
  /** The service account that holds it; null for the person’s own. */
  serviceAccount: z.string().nullable(),
});

/** What a person owns. */
export const Owned = z.object({
  user: User,
  /** Roles that were given to the person and not to a group: these can be handed over. */
  roles: z.array(RoleBinding.extend({ team: z.string().nullable() })),
  /** OAuth clients that were made with the person’s keys, and end with them: these can be handed over. */
  clients: z.array(z.object({ id: z.uuid(), name: z.string(), kind: OAuthClientKind })),
  /** Valid keys of the person. Nobody else can use them. */
  keys: z.array(OwnedKey),
  /** Valid keys of service accounts that were made with the person’s keys, and end with them: make others in their place. */
  madeKeys: z.array(OwnedKey),
  /** Programs that may act for the person. */
  grants: z.number().int(),
  groups: z.array(z.object({ id: z.uuid(), name: z.string() })),
  /** SCIM tokens that the person made and may know. They stay, because identity providers use them: make others in their place. */
  scimTokens: z.array(z.object({ id: z.uuid(), connection: z.string() })),
  /** Teams in which no other enabled person was given a role that lets them administer it. */
  onlyAdministratorOf: z.array(
    z.object({ id: z.uuid(), name: z.string(), serviceAccounts: z.array(z.string()) }),
  ),
  totals: z.object({
    roles: z.number().int(),
    clients: z.number().int(),
    keys: z.number().int(),
    madeKeys: z.number().int(),
  }),
});
export type Owned = z.infer<typeof Owned>;

/** What a person owns, disabled or not. Needs member:write in the organisation. @throws CausewayError PERMISSION_DENIED, USER_UNKNOWN */
export const listOwned = request('req.auth.user.owned.v1', {
  input: z.object({ principal: Principal, userId: z.uuid() }),
  reply: Owned,
});

/**
 * Gives another person the roles that were given to somebody, and keeps the OAuth clients that were made with their keys. The person loses both. Nobody hands over
 * more than they may give. The secret of a client ends, because the person may know it. The same message twice changes nothing.
 *
 * @throws CausewayError PERMISSION_DENIED, USER_UNKNOWN, USER_DISABLED, ROLE_TOO_WIDE, LIMIT_REACHED, OWNER_LAST, TOKEN_NOT_ENOUGH, REQUEST_INVALID
 */
export const handOver = request('req.auth.user.hand-over.v1', {
  input: Actor.extend({ userId: z.uuid(), toUserId: z.uuid() }),
  reply: z.object({
    roles: z.array(RoleBinding),
    clients: z.array(z.object({ id: z.uuid(), name: z.string(), kind: OAuthClientKind })),
  }),
});
