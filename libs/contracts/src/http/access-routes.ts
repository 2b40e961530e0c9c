import { z } from 'zod';
import {
  AccessName as Name,
  Role,
  RoleBinding,
  ServiceAccount,
  SubjectKind,
  Team,
  explainAccess,
} from '../access.js';
import { Level } from '../tenancy.js';
import { shortList } from '../values/json.js';
import { Id } from './id.js';
import { route } from './route.js';
import { ApiKeyRead, pageQuery } from './shapes.js';
import { Time } from './time.js';

/** Teams, service accounts, roles and who has them, under /api/platform/v1. */

const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().optional() });

const TeamId = z.object({ teamId: Id });
const AccountId = z.object({ accountId: Id });
const placeQuery = { team_id: Id.optional(), project_id: Id.optional(), flow_id: Id.optional() };
const reading = { inPlace: 'member:read' } as const;
const writing = { inPlace: 'member:write' } as const;
const organisation = { inPlace: 'organisation:write' } as const;

export const listTeamsRoute = route('GET', '/api/platform/v1/teams', {
  summary:
    'The teams in which the caller has member:read, oldest first; pass `next` back as `after`. With `all=true` every team of the organisation, for who has member:write somewhere and so may share flows with any of them.',
  permission: reading,
  query: z.object({ ...pageQuery, all: z.enum(['true', 'false']).default('false') }),
  reply: pageOf(Team),
});

export const createTeamRoute = route('POST', '/api/platform/v1/teams', {
  summary: 'Makes a team. Needs organisation:write in the organisation.',
  permission: organisation,
  body: z.strictObject({ name: Name }),
  status: 201,
  reply: Team,
});

export const renameTeamRoute = route('PATCH', '/api/platform/v1/teams/{teamId}', {
  summary: 'Renames a team. Needs organisation:write in the organisation.',
  permission: organisation,
  params: TeamId,
  body: z.strictObject({ name: Name }),
  reply: Team,
});

export const listServiceAccountsRoute = route('GET', '/api/platform/v1/teams/{teamId}/service-accounts', {
  summary: 'The service accounts of a team, oldest first. Needs member:read in it.',
  permission: reading,
  params: TeamId,
  query: z.object(pageQuery),
  reply: pageOf(ServiceAccount),
});

export const createServiceAccountRoute = route('POST', '/api/platform/v1/teams/{teamId}/service-accounts', {
  summary:
    'Makes a service account, a program that acts for a team, with a role there, or only in the project or the flow that is named. Needs member:write in that place, and the permissions of the role.',
  permission: writing,
  params: TeamId,
  body: z
    .strictObject({ name: Name, role: Name, projectId: Id.optional(), flowId: Id.optional() })
    .refine(({ projectId, flowId }) => projectId === undefined || flowId === undefined, {
      error: 'give either projectId or flowId',
    }),
  status: 201,
  reply: ServiceAccount,
});

export const updateServiceAccountRoute = route('PATCH', '/api/platform/v1/service-accounts/{accountId}', {
  summary:
    'Renames, disables or enables a service account. While it is disabled, none of its keys is valid. Needs member:write in its team, and the permissions of its roles to disable or enable it.',
  permission: writing,
  params: AccountId,
  body: z.strictObject({ name: Name.optional(), disabled: z.boolean().optional() }),
  reply: ServiceAccount,
});

export const createAccountKeyRoute = route('POST', '/api/platform/v1/service-accounts/{accountId}/keys', {
  summary:
    'Makes an API key for a service account; its secret is only in this answer. `permissions` limits what it may do. With `origins` it is for public pages of these origins: it runs one flow, without tweaks and request variables, and does nothing else, and is refused from anywhere else. It expires no later than the key that it is made with. Needs member:write in the account’s team.',
  permission: writing,
  params: AccountId,
  body: z.strictObject({
    name: Name.optional(),
    permissions: shortList(z.string(), 500).optional(),
    expires_at: Time.optional(),
    origins: shortList(z.string(), 20).optional(),
  }),
  status: 201,
  reply: ApiKeyRead,
});

export const listAccountKeysRoute = route('GET', '/api/platform/v1/service-accounts/{accountId}/keys', {
  summary: 'The keys of a service account that are not revoked, oldest first. Needs member:read in its team.',
  permission: reading,
  params: AccountId,
  query: z.object(pageQuery),
  reply: pageOf(ApiKeyRead),
});

export const listRolesRoute = route('GET', '/api/platform/v1/roles', {
  summary:
    'The built-in roles, then the custom ones of the organisation, with their permissions. Needs member:read anywhere.',
  permission: reading,
  reply: z.object({ items: z.array(Role) }),
});

export const putRoleRoute = route('PUT', '/api/platform/v1/roles/{role}', {
  summary:
    'Makes a custom role, or changes its permissions. Needs organisation:write in the organisation, and all permissions that the role has before and after.',
  permission: organisation,
  params: z.object({ role: Name }),
  body: z.strictObject({ permissions: shortList(z.string(), 500) }),
  reply: Role,
});

export const deleteRoleRoute = route('DELETE', '/api/platform/v1/roles/{role}', {
  summary: 'Removes a custom role that nobody has. Needs organisation:write in the organisation.',
  permission: organisation,
  params: z.object({ role: Name }),
  status: 204,
});

export const listRoleBindingsRoute = route('GET', '/api/platform/v1/role-bindings', {
  summary:
    'Who has which role in a team (`team_id`), with its projects and flows, roles of the whole organisation included; without a team only those. With `project_id` or `flow_id`: who has a role that holds there. Oldest first. Needs member:read there.',
  permission: reading,
  query: z.object({ ...pageQuery, ...placeQuery }),
  reply: pageOf(RoleBinding),
});

export const createRoleBindingRoute = route('POST', '/api/platform/v1/role-bindings', {
  summary:
    'Gives a user, a group or a service account a role in a team, a project or a flow (`level`, with its id as `objectId`) or in the whole organisation; a service account only in its own team. A subject of kind `team` shares one flow of another team with everybody who has a role in the whole of it: they may run it and read their own runs as far as the role says. `teamId` is the team of the project or flow; without it, the team of the key. If it has the role there already, the answer is that role binding. Needs member:write there, and the permissions of the role.',
  permission: writing,
  body: z
    .strictObject({
      subject: z.strictObject({ kind: SubjectKind, id: Id }),
      role: Name,
      level: Level,
      objectId: Id.optional(),
      teamId: Id.optional(),
    })
    .refine(({ level, objectId }) => (level !== 'organisation') === (objectId !== undefined), {
      error: 'give the id of the team, project or flow as objectId, and none when level is organisation',
    })
    .refine(({ level, teamId }) => teamId === undefined || level === 'project' || level === 'flow', {
      error: 'give a teamId only when level is project or flow',
    }),
  status: 201,
  reply: RoleBinding,
});

export const deleteRoleBindingRoute = route('DELETE', '/api/platform/v1/role-bindings/{bindingId}', {
  summary: 'Takes a role away. Needs member:write where it holds, and the permissions of the role.',
  permission: writing,
  params: z.object({ bindingId: Id }),
  status: 204,
});

export const explainAccessRoute = route('GET', '/api/platform/v1/access', {
  summary:
    'What the caller, or somebody else (`subject_kind` and `subject_id`, needs member:read), may do in a team, or with a project or a flow of it, and by which roles. Without `team_id`: the team of the key.',
  permission: { inPlace: 'any' },
  query: z.object({
    ...placeQuery,
    subject_kind: SubjectKind.optional(),
    subject_id: Id.optional(),
  }),
  reply: explainAccess.reply,
});
