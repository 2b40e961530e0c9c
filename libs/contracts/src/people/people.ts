import { z } from 'zod';
import { AccessName, SubjectKind } from '../access.js';
import { request } from '../contract.js';
import { Level, PageRequest, Principal } from '../tenancy.js';

const Actor = z.object({ principal: Principal, requestId: z.string() });

/** A person. */
export const User = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string().nullable(),
  createdAt: z.iso.datetime(),
  lastSignInAt: z.iso.datetime().nullable(),
  disabledAt: z.iso.datetime().nullable(),
  login: z
    .string()
    .nullable()
    .optional()
    .describe('The user name of somebody who has a password here; only the list of people shows it.'),
  isBreakGlass: z.boolean().optional().describe('Whether that password counts while SSO is enforced.'),
});
export type User = z.infer<typeof User>;

/** People who have roles together. */
export const Group = z.object({
  id: z.uuid(),
  name: z.string(),
  /** The connection whose identity provider says who is in it, and what it calls the group there; null where people are added here. */
  connection: z.string().nullable(),
  claimValue: z.string().nullable(),
  members: z.number().int(),
  createdAt: z.iso.datetime(),
});
export type Group = z.infer<typeof Group>;

/** What a claim calls a group. */
export const ClaimValue = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => !text.includes('\u0000') && text.isWellFormed(), {
    error: 'holds a NUL character or a half of a character',
  });

const PageOfUsers = z.object({ items: z.array(User), next: z.string().optional() });

/** The people of the caller’s organisation, or those whose name or e-mail address has `search` in it, oldest first. Needs member:read there. @throws CausewayError PERMISSION_DENIED */
export const listUsers = request('req.auth.user.list.v1', {
  input: z.object({
    principal: Principal,
    search: z.string().max(200).optional(),
    page: PageRequest.prefault({}),
  }),
  reply: PageOfUsers,
});

/**
 * Renames, disables or enables a person. From the moment on in which a person is disabled none of their keys and sessions is valid.
 * Disabling and enabling need the permissions of the person’s roles.
 *
 * @throws CausewayError PERMISSION_DENIED, USER_UNKNOWN, ROLE_TOO_WIDE, OWNER_LAST, KEY_OF_OWNER_LAST
 */
export const updateUser = request('req.auth.user.update.v1', {
  input: Actor.extend({
    userId: z.uuid(),
    name: AccessName.optional(),
    disabled: z.boolean().optional(),
  }),
  reply: User,
});

/** The groups of the caller’s organisation, oldest first. Needs member:read there. @throws CausewayError PERMISSION_DENIED */
export const listGroups = request('req.auth.group.list.v1', {
  input: z.object({ principal: Principal, page: PageRequest.prefault({}) }),
  reply: z.object({ items: z.array(Group), next: z.string().optional() }),
});

/**
 * Makes a group. With a connection it has the members that the connection’s identity provider names, each at their next sign-in.
 *
 * @throws CausewayError PERMISSION_DENIED, GROUP_TAKEN, CONNECTION_UNKNOWN, LIMIT_REACHED
 */
export const createGroup = request('req.auth.group.create.v1', {
  input: Actor.extend({
    name: AccessName,
    connection: z.string().max(50).optional(),
    /** @default the name of the group */
    claimValue: ClaimValue.optional(),
  }),
  reply: Group,
});

/** Removes a group, and takes its roles away. @throws CausewayError PERMISSION_DENIED, GROUP_UNKNOWN, ROLE_TOO_WIDE */
export const deleteGroup = request('req.auth.group.delete.v1', {
  input: Actor.extend({ groupId: z.uuid() }),
  reply: z.object({}),
});

/** Who is in a group, oldest first. @throws CausewayError PERMISSION_DENIED, GROUP_UNKNOWN */
export const listGroupMembers = request('req.auth.group.members.v1', {
  input: z.object({ principal: Principal, groupId: z.uuid(), page: PageRequest.prefault({}) }),
  reply: PageOfUsers,
});

/**
 * Adds a person to a group or takes them out; both change what that person may do, so they need the permissions of the group’s roles.
 * Nothing changes when it is so already.
 *
 * @throws CausewayError PERMISSION_DENIED, GROUP_UNKNOWN, GROUP_OF_CONNECTION, USER_UNKNOWN, ROLE_TOO_WIDE, LIMIT_REACHED
 */
export const setGroupMember = request('req.auth.group.member.v1', {
  input: Actor.extend({ groupId: z.uuid(), userId: z.uuid(), isMember: z.boolean() }),
  reply: z.object({}),
});

/** The caller, the teams in which it has a role, and where it works now. */
export const getSelf = request('req.auth.self.get.v1', {
  input: z.object({ principal: Principal }),
  reply: z.object({
    subject: z.object({ kind: SubjectKind, id: z.uuid(), name: z.string() }),
    email: z.string().nullable(),
    organisation: z.object({ id: z.uuid(), name: z.string() }),
    teamId: z.uuid(),
    teams: z.array(z.object({ id: z.uuid(), name: z.string() })),
    roles: z.array(
      z.object({
        role: z.string(),
        level: Level,
        /** The name of the team where it holds, or in which the project or flow is; absent for the organisation. */
        team: z.string().optional(),
        /** The group that has it. */
        group: z.string().optional(),
      }),
    ),
  }),
});
