import { z } from 'zod';
import { AccessName as Name } from '../../access.js';
import { Invitation, Login, Organisation } from '../../people/passwords.js';
import { Level } from '../../tenancy.js';
import { Id } from '../id.js';
import { route } from '../route.js';
import { pageQuery } from '../shapes.js';

/** Signing in without an identity provider, invitations, and Langflow's routes for it. */

const organisation = { inPlace: 'organisation:write' } as const;
const writing = { inPlace: 'member:write' } as const;
const anybody = { inPlace: 'any' } as const;
const page = { isPage: true, produces: 'text/html' } as const;
const UserId = z.object({ userId: Id });
const Password = z.string().min(1).max(1_000);

export const setPasswordRoute = route('PUT', '/api/platform/v1/users/{userId}/password', {
  summary:
    'Gives a person a password with which they sign in here; their sessions that began with the former one end. With `breakGlass` they may use it while SSO is enforced, together with the code of an authenticator: its app reads `uri`, which is only in this answer. Needs every permission in the organisation.',
  permission: organisation,
  params: UserId,
  body: z.strictObject({ login: Login, password: Password, breakGlass: z.boolean().optional() }),
  reply: z.object({ login: z.string(), uri: z.string().optional() }),
});

export const deletePasswordRoute = route('DELETE', '/api/platform/v1/users/{userId}/password', {
  summary:
    'Takes a person’s password away, and ends the sessions that began with it. Needs every permission in the organisation.',
  permission: organisation,
  params: UserId,
  status: 204,
});

export const getOrganisationRoute = route('GET', '/api/platform/v1/organisation', {
  summary: 'The caller’s organisation, and since when SSO is enforced in it.',
  permission: anybody,
  reply: Organisation,
});

export const updateOrganisationRoute = route('PATCH', '/api/platform/v1/organisation', {
  summary:
    'Renames the organisation, or enforces SSO (`ssoEnforced`): then only break-glass administrators sign in with a password. Needs organisation:write, and every permission to enforce SSO or to end that.',
  permission: organisation,
  body: z.strictObject({ name: Name.optional(), ssoEnforced: z.boolean().optional() }),
  reply: Organisation,
});

export const createInvitationRoute = route('POST', '/api/platform/v1/invitations', {
  summary:
    'Invites somebody: whoever opens `link`, which is only in this answer, chooses a password and is a person of the organisation then, with `role` in the place that `level` and `objectId` name, if they are given. It is valid for seven days and used once. Needs member:write in the organisation, and the permissions of the role.',
  permission: writing,
  body: z
    .strictObject({
      name: Name,
      email: z.email().max(320).optional(),
      role: Name.optional(),
      level: Level.optional(),
      objectId: Id.optional(),
      teamId: Id.optional(),
    })
    .refine(({ role, level }) => (role === undefined) === (level === undefined), {
      error: 'give role and level together',
    })
    .refine(
      ({ level, objectId }) => (level !== undefined && level !== 'organisation') === (objectId !== undefined),
      {
        error: 'give the id of the team, project or flow as objectId, and none when level is organisation',
      },
    ),
  status: 201,
  reply: Invitation.extend({ link: z.string() }),
});

export const listInvitationsRoute = route('GET', '/api/platform/v1/invitations', {
  summary: 'The invitations that are still valid, oldest first. Needs member:write in the organisation.',
  permission: writing,
  query: z.object(pageQuery),
  reply: z.object({ items: z.array(Invitation), next: z.string().optional() }),
});

export const deleteInvitationRoute = route('DELETE', '/api/platform/v1/invitations/{invitationId}', {
  summary: 'Takes an invitation back. Needs member:write in the organisation.',
  permission: writing,
  params: z.object({ invitationId: Id }),
  status: 204,
});

export const invitationPageRoute = route('GET', '/invitation', {
  ...page,
  summary: 'What the link of an invitation opens.',
  permission: 'public',
  query: z.object({ token: z.string().max(200) }),
});

export const acceptInvitationRoute = route('POST', '/invitation', {
  ...page,
  summary: 'Accepts an invitation with a user name and a password, and signs in.',
  permission: 'public',
  bodyKind: 'form',
  body: z.object({ token: z.string().max(200), login: Login, password: Password }),
  status: 303,
});

export const passwordPageRoute = route('GET', '/password', {
  ...page,
  summary: 'Where to sign in with a password.',
  permission: 'public',
  query: z.object({ to: z.string().max(1_000).optional() }),
});

export const passwordSignInRoute = route('POST', '/password', {
  ...page,
  summary: 'Signs in with a password, and with the code of an authenticator where one is needed.',
  permission: 'public',
  bodyKind: 'form',
  body: z.object({
    login: Login,
    password: Password,
    code: z.string().max(20).optional(),
    to: z.string().max(1_000).optional(),
  }),
  status: 303,
});

/** Langflow's tokens. Both are the token of the session that began. */
const Tokens = z.object({
  access_token: z.string(),
  refresh_token: z.string().nullable(),
  token_type: z.literal('bearer'),
});

/** Langflow's user. */
const UserRead = z.object({
  id: z.uuid(),
  username: z.string(),
  profile_image: z.null(),
  store_api_key: z.null(),
  is_active: z.boolean(),
  is_superuser: z.boolean(),
  create_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  last_login_at: z.string().nullable(),
  optins: z.null(),
});

export const loginRoute = route('POST', '/api/v1/login', {
  summary:
    'Signs in with a password, as in Langflow. The token is that of a session: send it as `Authorization: Bearer`.',
  permission: 'public',
  bodyKind: 'form',
  body: z.object({ username: Login, password: Password, code: z.string().max(20).optional() }),
  reply: Tokens,
});

export const autoLoginRoute = route('GET', '/api/v1/auto_login', {
  summary: 'Langflow’s sign-in without a password, which Causeway does not have.',
  permission: 'public',
  status: 403,
  reply: z.object({ detail: z.object({ message: z.string(), auto_login: z.boolean() }) }),
});

export const sessionRoute = route('GET', '/api/v1/session', {
  summary: 'Who is signed in, as in Langflow; never an error.',
  permission: 'public',
  reply: z.object({ authenticated: z.boolean(), user: UserRead.nullable(), store_api_key: z.null() }),
});

export const refreshRoute = route('POST', '/api/v1/refresh', {
  summary:
    'The token of a session that is sent as `Authorization: Bearer`, while it is valid: a session is prolonged by its use.',
  permission: anybody,
  reply: Tokens,
});

export const logoutRoute = route('POST', '/api/v1/logout', {
  summary: 'Ends the session, as in Langflow.',
  permission: anybody,
  reply: z.object({ message: z.string() }),
});

export const whoamiRoute = route('GET', '/api/v1/users/whoami', {
  summary: 'Who is signed in, or holds the key, as in Langflow.',
  permission: anybody,
  reply: UserRead,
});
