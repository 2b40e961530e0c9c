import { z } from 'zod';
import { request } from '../contract.js';
import { batch } from '../outbox.js';
import { Principal, Tenant } from '../tenancy.js';

const Actor = z.object({ principal: Principal, requestId: z.string() });

/** What a team has in the registry. */
export const TeamHolds = z.object({
  flows: z.number().int(),
  projects: z.number().int(),
  variables: z.number().int(),
  files: z.number().int(),
});

/** What a team has in the registry; an empty project counts, unless it is the only one. */
export const countTeam = request('req.flow-registry.team.count.v1', {
  needs: ['flow:read'],
  input: Tenant,
  reply: TeamHolds,
});

/** Deletes what a deleted team has: flows as flows are deleted, with their files, projects and variables. */
export const endTeamObjects = batch('req.flow-registry.team.end.v1', Tenant, ['auth']);

/** Cancels the runs of a deleted team, also those that are submitted while its deletion becomes known everywhere. */
export const endTeamRuns = batch('req.scheduler.team.end.v1', Tenant, ['auth']);

/**
 * Deletes a team. Its keys, roles, invitations and service accounts end, and what it has in the registry is deleted. Unless it is empty, the
 * caller confirms that with the team's name. `holds` is what the registry has counted. With keys, accounts or roles it needs what it takes to end each of them.
 *
 * @throws CausewayError PERMISSION_DENIED, TEAM_UNKNOWN, TEAM_NOT_EMPTY, TEAM_LAST, ROLE_TOO_WIDE, KEY_OF_MORE, KEY_LAST
 */
export const deleteTeam = request('req.auth.team.delete.v1', {
  input: Actor.extend({ teamId: z.uuid(), holds: TeamHolds, confirm: z.string().max(200).optional() }),
  reply: z.object({}),
});

/**
 * Deletes a service account with its keys and OAuth clients; needs what disabling it needs.
 *
 * @throws CausewayError PERMISSION_DENIED, ACCOUNT_UNKNOWN, ROLE_TOO_WIDE, KEY_OF_MORE
 */
export const deleteServiceAccount = request('req.auth.account.delete.v1', {
  input: Actor.extend({ accountId: z.uuid() }),
  reply: z.object({}),
});

/**
 * Deletes a person who is disabled: name, e-mail address, passwords, sessions and how they signed in are removed. The audit log keeps the id
 * and what it has said of them. Whom an identity provider still knows does not come back until somebody readmits them (`readmitUser`).
 *
 * @throws CausewayError PERMISSION_DENIED, USER_UNKNOWN, USER_NOT_DISABLED, ROLE_TOO_WIDE, OWNER_LAST, KEY_OF_MORE, KEY_LAST
 */
export const deleteUser = request('req.auth.user.delete.v1', {
  input: Actor.extend({ userId: z.uuid() }),
  reply: z.object({}),
});
