import { z } from 'zod';
import { ApiKey } from './keys/auth.js';
import { live, request } from './contract.js';
import { batch } from './outbox.js';
import { NOT_ONE_LINE, isOneLine } from './values/one-line.js';
import { Grant, Level, ObjectGrant, PageRequest, Permission, Principal, Tenant } from './tenancy.js';

const Actor = z.object({ principal: Principal, requestId: z.string() });
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The name of a team, a service account or a role. It does not look like an id, because commands take either. */
export const AccessName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine(isOneLine, { error: NOT_ONE_LINE })
  .refine((text) => !ID.test(text), { error: 'looks like an id; choose a name' });
const Name = AccessName;

/** A team as its members see it. */
export const Team = z.object({ id: z.uuid(), name: z.string(), createdAt: z.iso.datetime() });
export type Team = z.infer<typeof Team>;

/** A program that acts for a team. */
export const ServiceAccount = z.object({
  id: z.uuid(),
  teamId: z.uuid(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  disabledAt: z.iso.datetime().nullable(),
});
export type ServiceAccount = z.infer<typeof ServiceAccount>;

/**
 * A place in the caller’s organisation: the organisation itself, a team, or a project or a flow of a team. A flow is named with its
 * project, because what holds in a project holds in its flows. The gateway asks the registry in which team and project something is.
 */
export const PlaceIds = z.object({
  teamId: z.uuid().optional(),
  projectId: z.uuid().optional(),
  flowId: z.uuid().optional(),
});
export type PlaceIds = z.infer<typeof PlaceIds>;

/** A named set of permissions. The built-in ones cannot be changed. */
export const Role = z.object({ name: z.string(), isBuiltIn: z.boolean(), permissions: z.array(Permission) });
export type Role = z.infer<typeof Role>;

/** Who can have a role. A team can have one in a flow of another team, which is so shared with everybody who has a role in the whole of it. */
export const SubjectKind = z.enum(['user', 'group', 'service_account', 'team']);

/** A subject has a role at one place, with everything in it. */
export const RoleBinding = z.object({
  id: z.uuid(),
  subject: z.object({ kind: SubjectKind, id: z.uuid(), name: z.string() }),
  role: z.string(),
  level: Level,
  objectId: z.uuid(),
  /** The team of the project or flow where it holds. */
  teamId: z.uuid().optional(),
  createdAt: z.iso.datetime(),
});
export type RoleBinding = z.infer<typeof RoleBinding>;

/** The roles of an organisation or of some of its people changed: gateways forget what its keys may do. May be lost, so caches also expire. */
export const accessChanged = live('live.auth.access.changed.v1', {
  to: ['gateway'],
  input: z.object({ organisationId: z.uuid() }),
});

/**
 * The teams of the caller’s organisation in which the caller has member:read, oldest first; with `all`, every team, for callers who may give
 * roles somewhere and so share with any of them.
 */
export const listTeams = request('req.auth.team.list.v1', {
  input: z.object({ principal: Principal, all: z.boolean().optional(), page: PageRequest.prefault({}) }),
  reply: z.object({ items: z.array(Team), next: z.string().optional() }),
});

/** Makes a team in the caller’s organisation. @throws CausewayError PERMISSION_DENIED, TEAM_TAKEN, LIMIT_REACHED */
export const createTeam = request('req.auth.team.create.v1', {
  input: Actor.extend({ name: Name }),
  reply: Team,
});

/** Renames a team; needs organisation:write, as making one does. @throws CausewayError PERMISSION_DENIED, TEAM_UNKNOWN, TEAM_TAKEN */
export const renameTeam = request('req.auth.team.rename.v1', {
  input: Actor.extend({ teamId: z.uuid(), name: Name }),
  reply: Team,
});

/** The service accounts of a team, oldest first. @throws CausewayError PERMISSION_DENIED, TEAM_UNKNOWN */
export const listServiceAccounts = request('req.auth.account.list.v1', {
  input: z.object({ principal: Principal, teamId: z.uuid(), page: PageRequest.prefault({}) }),
  reply: z.object({ items: z.array(ServiceAccount), next: z.string().optional() }),
});

/**
 * Makes a service account with one role in its team, or only in a project or a flow of that team.
 *
 * @throws CausewayError PERMISSION_DENIED, TEAM_UNKNOWN, ACCOUNT_TAKEN, ROLE_UNKNOWN, ROLE_TOO_WIDE, LIMIT_REACHED
 */
export const createServiceAccount = request('req.auth.account.create.v1', {
  input: Actor.extend({ ...PlaceIds.shape, teamId: z.uuid(), name: Name, role: Name }),
  reply: ServiceAccount,
});

/**
 * Renames, disables or enables a service account. While it is disabled, none of its keys is valid. Disabling and enabling need
 * the permissions of the account's roles, as giving and taking these do.
 *
 * @throws CausewayError PERMISSION_DENIED, ACCOUNT_UNKNOWN, ACCOUNT_TAKEN, ROLE_TOO_WIDE
 */
export const updateServiceAccount = request('req.auth.account.update.v1', {
  input: Actor.extend({ accountId: z.uuid(), name: Name.optional(), disabled: z.boolean().optional() }),
  reply: ServiceAccount,
});

/** The keys of a service account that are not revoked, oldest first. @throws CausewayError PERMISSION_DENIED, ACCOUNT_UNKNOWN */
export const listAccountKeys = request('req.auth.account.keys.v1', {
  input: z.object({ principal: Principal, accountId: z.uuid(), page: PageRequest.prefault({}) }),
  reply: z.object({ items: z.array(ApiKey), next: z.string().optional() }),
});

/** The built-in roles, then the custom ones of the caller’s organisation by name. */
export const listRoles = request('req.auth.role.list.v1', {
  input: z.object({ principal: Principal }),
  reply: z.object({ roles: z.array(Role) }),
});

/**
 * Makes a custom role, or changes its permissions. The caller needs all permissions that it has before and after.
 *
 * @throws CausewayError PERMISSION_DENIED, ROLE_BUILT_IN, ROLE_TOO_WIDE, LIMIT_REACHED
 */
export const putRole = request('req.auth.role.put.v1', {
  input: Actor.extend({ name: Name, permissions: z.array(Permission).min(1) }),
  reply: Role,
});

/**
 * Removes a custom role that nobody has.
 *
 * @throws CausewayError PERMISSION_DENIED, ROLE_UNKNOWN, ROLE_BUILT_IN, ROLE_TOO_WIDE, ROLE_IN_USE
 */
export const deleteRole = request('req.auth.role.delete.v1', {
  input: Actor.extend({ name: Name }),
  reply: z.object({}),
});

/**
 * Who has which role at a place; in a team also at its projects and flows. What holds around the place holds there too, so it is in the
 * list. Oldest first.
 *
 * @throws CausewayError PERMISSION_DENIED, TEAM_UNKNOWN
 */
export const listRoleBindings = request('req.auth.binding.list.v1', {
  input: PlaceIds.extend({ principal: Principal, page: PageRequest.prefault({}) }),
  reply: z.object({ items: z.array(RoleBinding), next: z.string().optional() }),
});

/**
 * Gives a user, a group or a service account a role at a place; a service account only in its own team, a team only in a flow of another one.
 * A binding that exists is returned. Nobody can give a role with a permission that they do not have there.
 *
 * @throws CausewayError PERMISSION_DENIED, TEAM_UNKNOWN, SUBJECT_UNKNOWN, ACCOUNT_ELSEWHERE, SHARE_REFUSED, ROLE_UNKNOWN, ROLE_TOO_WIDE, LIMIT_REACHED
 */
export const createRoleBinding = request('req.auth.binding.create.v1', {
  input: Actor.extend({
    ...PlaceIds.shape,
    subject: z.object({ kind: SubjectKind, id: z.uuid() }),
    role: Name,
  }),
  reply: RoleBinding,
});

/** Where a role binding holds, for who has a role in its team. @throws CausewayError BINDING_UNKNOWN */
export const getBindingPlace = request('req.auth.binding.place.v1', {
  input: z.object({ principal: Principal, bindingId: z.uuid() }),
  reply: RoleBinding.pick({ level: true, objectId: true, teamId: true }),
});

/**
 * Takes a role away. With the project of a flow, which auth does not know, what the caller has in that project counts too.
 *
 * @throws CausewayError PERMISSION_DENIED, BINDING_UNKNOWN, ROLE_TOO_WIDE, OWNER_LAST, KEY_OF_OWNER_LAST
 */
export const deleteRoleBinding = request('req.auth.binding.delete.v1', {
  input: Actor.extend({ bindingId: z.uuid(), projectId: z.uuid().optional() }),
  reply: z.object({}),
});

/** A project or a flow that was deleted. */
export const DeletedObject = Tenant.extend({
  level: ObjectGrant.shape.level,
  objectId: z.uuid(),
  at: z.iso.datetime(),
});
export type DeletedObject = z.infer<typeof DeletedObject>;

/** Takes away the roles that were given, before it was deleted, in a project or a flow: another one may get its id. */
export const endObjectRoles = batch('req.auth.object.end.v1', DeletedObject, ['flow-registry']);

/**
 * What a user, a group or a service account may do in a team or with a project or a flow of it, and by which roles; nothing while it is disabled. Without a subject: the
 * caller, and what the key that the caller uses leaves out of it. Another's access may be read with member:read. Who has no role
 * there is unknown there.
 *
 * @throws CausewayError PERMISSION_DENIED, TEAM_UNKNOWN, SUBJECT_UNKNOWN
 */
export const explainAccess = request('req.auth.access.explain.v1', {
  input: z.object({
    ...PlaceIds.shape,
    principal: Principal,
    teamId: z.uuid(),
    subject: z.object({ kind: SubjectKind, id: z.uuid() }).optional(),
  }),
  reply: z.object({
    subject: z.object({ kind: SubjectKind, id: z.uuid(), name: z.string() }),
    team: Team,
    permissions: z.array(
      z.object({
        permission: Permission,
        allowed: z.boolean(),
        /** Roles that include it. Where there are some and it is not allowed, the key leaves it out. */
        by: z.array(Grant.pick({ role: true, level: true, group: true, sharedWith: true })),
      }),
    ),
  }),
});
