import type { OrganisationFile } from '@causeway/contracts';
import type { Draft, PlanOptions } from './plan.js';
import type { PresentState } from './present-state.js';
import { Order, type Step } from './step.js';

/** Plans the service accounts, each with its first role. */
export function planAccounts(
  { accounts: wanted, teams: named = [] }: OrganisationFile,
  { accounts, teams, self, bindings }: PresentState,
  { prune }: PlanOptions,
  { steps, kept, problems }: Draft,
): void {
  if (!wanted) return;
  const teamName = (id: string): string => teams.find((team) => team.id === id)?.name ?? id;
  const setDisabled = (
    what: string,
    disabled: boolean,
    id: (ids: ReadonlyMap<string, string>) => string,
    order: number,
  ): Step => ({
    act: 'change',
    what,
    detail: disabled ? 'is disabled' : 'is enabled',
    order,
    request: (ids) => ({
      method: 'PATCH',
      path: `/api/platform/v1/service-accounts/${id(ids)}`,
      body: { disabled },
    }),
  });
  for (const { name, team, roles, disabled = false } of wanted) {
    const what = `account ${name} of team ${team}`;
    if (!named.includes(team) && !teams.some((one) => one.name === team)) {
      problems.push(`${what}: there is no such team, neither here nor in the file`);
      continue;
    }
    const found = accounts.find((one) => one.name === name && teamName(one.teamId) === team);
    if (!found) {
      const body = { name, role: roles[0] };
      steps.push({
        act: 'create',
        what,
        detail: `${roles[0]} in team ${team}`,
        order: Order.account,
        makes: what,
        request: (ids) => ({
          method: 'POST',
          path: `/api/platform/v1/teams/${ids.get(`team ${team}`)}/service-accounts`,
          body,
        }),
      });
      if (disabled) steps.push(setDisabled(what, true, (ids) => ids.get(what) ?? '', Order.noAccount));
    } else if ((found.disabledAt !== null) !== disabled) {
      if (disabled && found.id === self.subject.id)
        problems.push(`${what} is yourself: it cannot be disabled by itself`);
      else
        steps.push(setDisabled(what, disabled, () => found.id, disabled ? Order.noAccount : Order.account));
    }
  }
  for (const { id, name, teamId, disabledAt } of accounts) {
    const what = `account ${name} of team ${teamName(teamId)}`;
    if (disabledAt !== null || wanted.some((one) => one.name === name && one.team === teamName(teamId)))
      continue;
    const isDescribed = bindings.some(
      ({ subject }) => subject.kind === 'service_account' && subject.id === id,
    );
    if (!isDescribed)
      kept.push(`${what}: it has roles in single projects or flows only, which no file describes`);
    else if (!prune) kept.push(what);
    else if (id === self.subject.id) kept.push(`${what}: it is yourself`);
    else steps.push(setDisabled(what, true, () => id, Order.noAccount));
  }
}
