import type { OrganisationFile } from '@causeway/contracts';
import type { Draft, PlanOptions } from './plan.js';
import type { PresentState } from './present-state.js';
import { Order } from './step.js';

/** Plans the groups themselves; who is in them, and what they may do, is planned with the roles. */
export function planGroups(
  { groups: wanted, connections: described }: OrganisationFile,
  { groups, connections, self }: PresentState,
  { prune }: PlanOptions,
  { steps, kept, problems }: Draft,
): void {
  if (!wanted) return;
  for (const { name, connection, claim } of wanted) {
    const found = groups.find(({ group }) => group.name === name)?.group;
    const isKnown = [...connections, ...(described ?? [])].some((one) => one.name === connection);
    if (connection !== undefined && !isKnown) {
      problems.push(`group ${name} has the connection ${connection}, which is neither here nor in the file`);
      continue;
    }
    if (!found) {
      const body = { name, ...(connection !== undefined && { connection, claimValue: claim ?? name }) };
      steps.push({
        act: 'create',
        what: `group ${name}`,
        ...(connection !== undefined && { detail: `${connection} says ${claim ?? name}` }),
        order: Order.group,
        makes: `group ${name}`,
        request: () => ({ method: 'POST', path: '/api/platform/v1/groups', body }),
      });
      continue;
    }
    const isSame =
      found.connection === (connection ?? null) &&
      (found.connection === null || found.claimValue === (claim ?? name));
    if (!isSame)
      problems.push(
        `group ${name} is made with ${found.connection === null ? 'no connection' : `${found.connection} and ${found.claimValue}`}, which cannot be changed: give the other group another name`,
      );
  }
  for (const { group } of groups) {
    if (wanted.some(({ name }) => name === group.name)) continue;
    if (!prune) kept.push(`group ${group.name}`);
    else if (self.roles.some((role) => role.group === group.name))
      kept.push(`group ${group.name}: you have a role by it`);
    else
      steps.push({
        act: 'remove',
        what: `group ${group.name}`,
        order: Order.noGroup,
        request: () => ({ method: 'DELETE', path: `/api/platform/v1/groups/${group.id}` }),
      });
  }
}
