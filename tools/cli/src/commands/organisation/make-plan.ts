import type { OrganisationFile } from '@causeway/contracts';
import { planAccounts } from './plan-accounts.js';
import { planConnections } from './plan-connections.js';
import { planGroups } from './plan-groups.js';
import { planMembers, planRoles } from './plan-roles.js';
import type { Draft, Plan, PlanOptions } from './plan.js';
import type { PresentState } from './present-state.js';
import { Order } from './step.js';

/** Compares a file with what is there. Pure. @throws Error that names everything that does not fit together */
export function makePlan(file: OrganisationFile, state: PresentState, options: PlanOptions): Plan {
  const draft: Draft = { steps: [], waiting: [], kept: [], problems: [] };
  planOrganisation(file, state, draft);
  planTeams(file, state, draft);
  planCustomRoles(file, state, options, draft);
  planConnections(file, state, options, draft);
  planGroups(file, state, options, draft);
  planAccounts(file, state, options, draft);
  planRoles(file, state, options, draft);
  planMembers(file, state, options, draft);
  if (draft.problems.length > 0)
    throw new Error(['the file does not fit together; nothing was changed', ...draft.problems].join('\n'));
  return { ...draft, steps: draft.steps.toSorted((one, other) => one.order - other.order) };
}

const ORGANISATION = '/api/platform/v1/organisation';

function planOrganisation(
  { organisation: wanted, connections }: OrganisationFile,
  state: PresentState,
  { steps }: Draft,
): void {
  const { name, ssoEnforcedAt } = state.organisation;
  if (wanted?.name !== undefined && wanted.name !== name) {
    const body = { name: wanted.name };
    steps.push({
      act: 'change',
      what: `organisation ${name}`,
      detail: `is called ${wanted.name}`,
      order: Order.organisation,
      request: () => ({ method: 'PATCH', path: ORGANISATION, body }),
    });
  }
  const isEnforced = ssoEnforcedAt !== null;
  if (wanted?.ssoEnforced === undefined || wanted.ssoEnforced === isEnforced) return;
  const isWanted = wanted.ssoEnforced;
  const enabled = state.connections.filter(({ disabledAt }) => disabledAt === null).map((one) => one.name);
  steps.push({
    act: 'change',
    what: `organisation ${name}`,
    detail: isWanted ? 'people sign in only at identity providers' : 'people may sign in with passwords too',
    order: isWanted ? Order.enforcing : Order.organisation,
    ...(isWanted && {
      needsConnections: (connections ?? [])
        .filter((one) => !one.disabled)
        .map((one) => one.name)
        .concat(connections ? [] : enabled),
    }),
    request: () => ({ method: 'PATCH', path: ORGANISATION, body: { ssoEnforced: isWanted } }),
  });
}

function planTeams(
  { teams: wanted }: OrganisationFile,
  { teams }: PresentState,
  { steps, kept }: Draft,
): void {
  if (!wanted) return;
  for (const name of wanted)
    if (!teams.some((team) => team.name === name))
      steps.push({
        act: 'create',
        what: `team ${name}`,
        order: Order.team,
        makes: `team ${name}`,
        request: () => ({ method: 'POST', path: '/api/platform/v1/teams', body: { name } }),
      });
  for (const { name } of teams)
    if (!wanted.includes(name)) kept.push(`team ${name}: a team is never removed by a file`);
}

function planCustomRoles(
  { roles: wanted }: OrganisationFile,
  { roles, self }: PresentState,
  { prune }: PlanOptions,
  { steps, kept, problems }: Draft,
): void {
  if (!wanted) return;
  const path = (name: string) => `/api/platform/v1/roles/${encodeURIComponent(name)}`;
  const isOwner = self.roles.some(({ role, level }) => role === 'owner' && level === 'organisation');
  for (const { name, permissions } of wanted) {
    const found = roles.find((role) => role.name === name);
    if (found?.isBuiltIn) {
      problems.push(`role ${name} is built in: it cannot be changed`);
      continue;
    }
    const lost = (found?.permissions ?? []).filter((one) => !permissions.includes(one));
    const added = permissions.filter((one) => !found?.permissions.includes(one));
    if (found && lost.length === 0 && added.length === 0) continue;
    if (!isOwner && lost.length > 0 && self.roles.some(({ role }) => role === name)) {
      problems.push(
        `role ${name} is your own, and would lose ${lost.join(', ')}: let somebody else apply that`,
      );
      continue;
    }
    const changes = [...added.map((one) => `+${one}`), ...lost.map((one) => `-${one}`)];
    steps.push({
      act: found ? 'change' : 'create',
      what: `role ${name}`,
      detail: changes.join(' '),
      order: Order.role,
      request: () => ({ method: 'PUT', path: path(name), body: { permissions } }),
    });
  }
  for (const { name, isBuiltIn } of roles) {
    if (isBuiltIn || wanted.some((one) => one.name === name)) continue;
    if (!prune) kept.push(`role ${name}`);
    else if (self.roles.some(({ role }) => role === name)) kept.push(`role ${name}: it is your own`);
    else
      steps.push({
        act: 'remove',
        what: `role ${name}`,
        order: Order.noRole,
        request: () => ({ method: 'DELETE', path: path(name) }),
      });
  }
}
