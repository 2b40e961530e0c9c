import { z } from 'zod';

/** Fixed ids of the organisation, team and project that always exist. */
export const DEFAULT_ORGANISATION_ID = '00000000-0000-4000-8000-000000000001';
export const DEFAULT_TEAM_ID = '00000000-0000-4000-8000-000000000002';
export const DEFAULT_PROJECT_ID = '00000000-0000-4000-8000-000000000003';
/** The administrator who always exists and owns the bootstrap key. */
export const BOOTSTRAP_USER_ID = '00000000-0000-4000-8000-000000000004';

/** The owner of data. Every row, message and cache key has both ids. */
export const Tenant = z.object({ organisationId: z.uuid(), teamId: z.uuid() });
export type Tenant = z.infer<typeof Tenant>;

/** What may be done, one word per kind of object and act. A key's scope is a list of these. */
export const permissions = [
  'flow:read',
  'flow:write',
  'flow:run',
  'flow:publish',
  'run:read',
  'run:cancel',
  'message:read',
  'message:write',
  'variable:read',
  'variable:write',
  'file:read',
  'file:write',
  'project:read',
  'project:write',
  'key:read',
  'key:write',
  'audit:read',
  'log:read',
  'member:read',
  'member:write',
  'organisation:write',
] as const;
export const Permission = z.enum(permissions);
export type Permission = z.infer<typeof Permission>;

/** Where a role can hold, the widest first. */
export const Level = z.enum(['organisation', 'team', 'project', 'flow']);
export type Level = z.infer<typeof Level>;

/** What one role binding allows: the permissions of the role, without those that the key leaves out. */
export const Grant = z.object({
  /** The name of the role. */
  role: z.string().max(200),
  level: Level,
  /** The organisation, team, project or flow where it holds. */
  objectId: z.uuid(),
  /** The team of that project or flow. */
  teamId: z.uuid().optional(),
  /** The name of the group that has the role; absent when it is the holder's own. */
  group: z.string().max(200).optional(),
  /** The team with which the flow is shared: everybody who has a role in that whole team has this one. */
  sharedWith: z.object({ id: z.uuid(), name: z.string().max(200) }).optional(),
  permissions: z.array(Permission),
});
export type Grant = z.infer<typeof Grant>;

/** What a principal may do with one project or one flow of its team. */
export const ObjectGrant = z.object({
  level: z.enum(['project', 'flow']),
  objectId: z.uuid(),
  permissions: z.array(Permission),
  /** The flow is another team's: of its runs, only those count that the principal itself has started. */
  ownRuns: z.literal(true).optional(),
});
export type ObjectGrant = z.infer<typeof ObjectGrant>;

/** Who acts: determined once at the gateway, sent with every message of the request. */
export const Principal = z.object({
  kind: z.enum(['user', 'service_account', 'webhook', 'scim', 'system', 'anonymous']),
  id: z.string().max(200),
  name: z.string().max(200),
  organisationId: z.uuid(),
  teamId: z.uuid(),
  /** The API key that was used, if one was. */
  keyId: z.uuid().optional(),
  /** Of which pages that key may be used; absent for a key of a program. */
  origins: z.array(z.string().max(300)).optional(),
  /** The session of a browser, if one was used. */
  sessionId: z.uuid().optional(),
  /**
   * The access token of a program, or the SCIM token of an identity provider, if one was used: its id, and not the token. Beside a key it is
   * the access token with which the key was made: the key may do no more than that one.
   */
  tokenId: z.uuid().optional(),
  /** What it may do in the team above, with everything in it. */
  permissions: z.array(Permission),
  /** What it may do in addition with single projects and flows of that team; absent when there are none. */
  objects: z.array(ObjectGrant).optional(),
  /** What it may do in the whole organisation; only in a request that is about the organisation and not about the team. */
  organisationPermissions: z.array(Permission).optional(),
  /** What it may do in another team; only in a request that is about two teams. */
  other: z
    .object({ teamId: z.uuid(), permissions: z.array(Permission), objects: z.array(ObjectGrant).optional() })
    .optional(),
  /** Where its permissions come from, also in other teams; absent for a principal that is not a user or a service account. */
  grants: z.array(Grant).optional(),
});
export type Principal = z.infer<typeof Principal>;

/** A principal as messages about its team say it: without what it may do elsewhere. */
export function withoutGrants({ grants: _grants, ...principal }: Principal): Principal {
  return principal;
}

/** A principal as a run stores it: what it may do with other things is no part of what it once did, and changes. */
export const StoredPrincipal = Principal.omit({
  grants: true,
  objects: true,
  organisationPermissions: true,
  other: true,
  origins: true,
});
export type StoredPrincipal = z.infer<typeof StoredPrincipal>;

/** The stored form of a principal. */
export function storedPrincipal(principal: Principal): StoredPrincipal {
  const {
    grants: _grants,
    objects: _objects,
    organisationPermissions: _organisation,
    other: _other,
    origins: _origins,
    ...stored
  } = principal;
  return stored;
}

/**
 * The projects and flows of a team to which a request is limited, because its caller may read or change only these. The receiving side of
 * the bus writes it into the message, from what the signed sender may do; absent, it is everything in the team.
 */
export const Reach = z.object({
  projectIds: z.array(z.uuid()),
  flowIds: z.array(z.uuid()),
  /** Flows of which only the runs that this principal has started are within reach. */
  ownRuns: z.object({ principalId: z.string().max(200), flowIds: z.array(z.uuid()) }).optional(),
});
export type Reach = z.infer<typeof Reach>;

/**
 * Who acts, on whose data, in which request and from where: determined where a request, a timer or a batch begins, and
 * the same for every transport.
 */
export const Caller = z.object({
  /** Without grants: the tenant is where it acts. */
  principal: Principal.omit({ grants: true }),
  tenant: Tenant,
  requestId: z.string().max(200),
  /** The network address, when there is one. */
  address: z.string().max(200).optional(),
});
export type Caller = z.infer<typeof Caller>;

/** The tenant of a caller, as requests to services need it. */
export function tenantOf({ tenant }: Pick<Caller, 'tenant'>): Tenant {
  return { organisationId: tenant.organisationId, teamId: tenant.teamId };
}

/** The principal of a caller, as changes need it. */
export function actorOf(caller: Pick<Caller, 'principal' | 'requestId'>): {
  principal: Principal;
  requestId: string;
} {
  return { principal: withoutGrants(caller.principal), requestId: caller.requestId };
}

/** Pages by key: pass `next` back as `after`; absent on the last page. */
export const PageRequest = z.object({
  limit: z.number().int().min(1).max(500).default(50),
  after: z.string().max(500).optional(),
});

/**
 * A JSON payload. In a row it is inline while its text has at most 64 KiB, else in the object store under its SHA-256.
 * In requests and replies it is inline whatever its length: long messages pass through the object store by themselves,
 * and an object that no row names would never be removed. `platform` reads and writes both forms. A payload that
 * belongs to a run also has the run's id in its name, and is removed with it.
 */
export const Payload = z.union([
  z.object({ inline: z.string() }),
  z.object({
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    bytes: z.number().int().nonnegative(),
    runId: z.uuid().optional(),
  }),
]);
export type Payload = z.infer<typeof Payload>;

/** Payloads with more bytes of text are stored in the object store. */
export const INLINE_PAYLOAD_BYTES = 64 * 1024;
