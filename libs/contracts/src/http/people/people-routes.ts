import { z } from 'zod';
import { AccessName as Name } from '../../access.js';
import { ClaimValue, Group, User, getSelf } from '../../people/people.js';
import {
  Connection,
  ConnectionName,
  OidcConnectionFields,
  SamlConnectionFields,
  Session,
  testConnection,
} from '../../people/sign-in.js';
import { Id } from '../id.js';
import { route } from '../route.js';
import { pageQuery } from '../shapes.js';

/** People, their groups, where they sign in, and their sessions, under /api/platform/v1. */

const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().optional() });

const GroupId = z.object({ groupId: Id });
const reading = { inPlace: 'member:read' } as const;
const writing = { inPlace: 'member:write' } as const;
const organisation = { inPlace: 'organisation:write' } as const;
const anybody = { inPlace: 'any' } as const;

export const getSelfRoute = route('GET', '/api/platform/v1/self', {
  summary:
    'The caller, its team and the others in which it has a role, and its roles with the groups that give them.',
  permission: anybody,
  reply: getSelf.reply,
});

export const listUsersRoute = route('GET', '/api/platform/v1/users', {
  summary:
    'The people of the organisation, oldest first; with `search`, those who have it in their name or e-mail address. Needs member:read in the organisation, or member:write anywhere.',
  permission: reading,
  query: z.object({ ...pageQuery, search: z.string().min(1).max(200).optional() }),
  reply: pageOf(User),
});

export const updateUserRoute = route('PATCH', '/api/platform/v1/users/{userId}', {
  summary:
    'Renames, disables or enables a person. None of the keys and sessions of a disabled person is valid. Needs member:write in the organisation, and the permissions of the person’s roles to disable or enable them.',
  permission: writing,
  params: z.object({ userId: Id }),
  body: z.strictObject({ name: Name.optional(), disabled: z.boolean().optional() }),
  reply: User,
});

export const listGroupsRoute = route('GET', '/api/platform/v1/groups', {
  summary:
    'The groups of the organisation, oldest first. Needs member:read in the organisation, or member:write anywhere.',
  permission: reading,
  query: z.object(pageQuery),
  reply: pageOf(Group),
});

export const createGroupRoute = route('POST', '/api/platform/v1/groups', {
  summary:
    'Makes a group. With a `connection`, the identity provider says who is in it: everybody for whom the connection’s claim has the value `claimValue` (the name of the group unless given), from their next sign-in on. Needs member:write in the organisation.',
  permission: writing,
  body: z.strictObject({
    name: Name,
    connection: ConnectionName.optional(),
    claimValue: ClaimValue.optional(),
  }),
  status: 201,
  reply: Group,
});

export const deleteGroupRoute = route('DELETE', '/api/platform/v1/groups/{groupId}', {
  summary:
    'Removes a group and takes its roles away. Needs member:write in the organisation, and the permissions of its roles.',
  permission: writing,
  params: GroupId,
  status: 204,
});

export const listGroupMembersRoute = route('GET', '/api/platform/v1/groups/{groupId}/members', {
  summary:
    'Who is in a group, oldest first. Needs member:read in the organisation, or member:write anywhere.',
  permission: reading,
  params: GroupId,
  query: z.object(pageQuery),
  reply: pageOf(User),
});

const member = z.object({ groupId: Id, userId: Id });

export const addGroupMemberRoute = route('PUT', '/api/platform/v1/groups/{groupId}/members/{userId}', {
  summary:
    'Adds a person to a group that has no connection. Needs member:write in the organisation, and the permissions of the group’s roles.',
  permission: writing,
  params: member,
  status: 204,
});

export const removeGroupMemberRoute = route('DELETE', '/api/platform/v1/groups/{groupId}/members/{userId}', {
  summary:
    'Takes a person out of a group that has no connection. Needs member:write in the organisation, and the permissions of the group’s roles.',
  permission: writing,
  params: member,
  status: 204,
});

const ByName = z.object({ connection: ConnectionName });

export const listConnectionsRoute = route('GET', '/api/platform/v1/connections', {
  summary: 'The identity providers at which people sign in, without secrets. Needs organisation:write.',
  permission: organisation,
  reply: z.object({ items: z.array(Connection) }),
});

export const putConnectionRoute = route('PUT', '/api/platform/v1/connections/{connection}', {
  summary:
    'Makes a connection to an identity provider, or changes one. What is not given stays as it is; a `clientSecret` of null removes it. `domains` are those of the e-mail addresses of people who sign in there. The address to register there is `/sign-in/{connection}/callback` of this site. A `kind` of `saml` is a SAML 2.0 provider: give its `metadata`, or `issuer`, `signInUrl` and `certificates`; it reads at `/sign-in/{connection}/metadata` what it has to know. The kind cannot be changed. Needs every permission in the organisation.',
  permission: organisation,
  params: ByName,
  body: z.discriminatedUnion('kind', [
    OidcConnectionFields.extend({
      clientSecret: z.string().min(1).max(2_000).nullable().optional(),
    }).strict(),
    SamlConnectionFields.strict(),
  ]),
  reply: Connection,
});

export const deleteConnectionRoute = route('DELETE', '/api/platform/v1/connections/{connection}', {
  summary:
    'Removes a connection that has no groups, and ends its sessions. Needs every permission in the organisation.',
  permission: organisation,
  params: ByName,
  status: 204,
});

export const testConnectionRoute = route('POST', '/api/platform/v1/connections/{connection}/test', {
  summary:
    'Asks the identity provider what it says of itself; for a SAML provider, tries whether a sign-in can begin. Needs organisation:write.',
  permission: organisation,
  params: ByName,
  reply: testConnection.reply,
});

export const listUserSessionsRoute = route('GET', '/api/platform/v1/sessions', {
  summary: 'The caller’s own sessions of browsers, oldest first.',
  permission: anybody,
  query: z.object(pageQuery),
  reply: pageOf(Session),
});

export const endSessionRoute = route('DELETE', '/api/platform/v1/sessions/{browserSessionId}', {
  summary: 'Ends a session of the caller’s own.',
  permission: anybody,
  params: z.object({ browserSessionId: Id }),
  status: 204,
});
