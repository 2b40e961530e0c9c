import { z } from 'zod';
import { Id } from '../id.js';
import { route } from '../route.js';

/** Deleting teams, service accounts and people, under /api/platform/v1. */

export const deleteTeamRoute = route('DELETE', '/api/platform/v1/teams/{teamId}', {
  summary:
    'Deletes a team with its keys, service accounts, roles, flows, projects, variables and files. Unless it is empty, `confirm` must be its name; the refusal says what it holds. Its runs and audit events are kept as long as others. Needs organisation:write in the organisation, flow:read in the team, and what it takes to revoke each of its keys and to take away each of its roles.',
  permission: { inPlace: 'organisation:write' },
  params: z.object({ teamId: Id }),
  query: z.object({ confirm: z.string().max(200).optional() }),
  status: 204,
});

export const deleteServiceAccountRoute = route('DELETE', '/api/platform/v1/service-accounts/{accountId}', {
  summary:
    'Deletes a service account with its keys and OAuth clients. Needs member:write in its team, and the permissions of its roles.',
  permission: { inPlace: 'member:write' },
  params: z.object({ accountId: Id }),
  status: 204,
});

export const deleteUserRoute = route('DELETE', '/api/platform/v1/users/{userId}', {
  summary:
    'Deletes a person who is disabled: name, e-mail address, password, sessions and how they signed in are removed; the audit log keeps the id, and the names in events until then. Whom an identity provider still knows does not come back until they are readmitted. Needs member:write in the organisation, and the permissions of the person’s roles.',
  permission: { inPlace: 'member:write' },
  params: z.object({ userId: Id }),
  status: 204,
});
