import type { Connection, OrganisationFile } from '@causeway/contracts';
import type { Draft, PlanOptions } from './plan.js';
import type { PresentState } from './present-state.js';
import { Order } from './step.js';

type Wanted = NonNullable<OrganisationFile['connections']>[number];

/** Plans the identity providers at which people sign in. */
export function planConnections(
  { connections: wanted, organisation }: OrganisationFile,
  { connections, organisation: present }: PresentState,
  { prune, secrets }: PlanOptions,
  { steps, kept, problems }: Draft,
): void {
  const isEnforced = organisation?.ssoEnforced ?? present.ssoEnforcedAt !== null;
  const path = (name: string) => `/api/platform/v1/connections/${name}`;
  for (const connection of wanted ?? []) {
    const { name, secret, ...fields } = connection;
    const found = connections.find((one) => one.name === name);
    const differing = found ? differences(connection, found) : [];
    const isSecretSent =
      secret !== undefined &&
      (secret === null ? found?.hasSecret === true : secrets || !found?.hasSecret || differing.length > 0);
    if (isSecretSent) differing.push(secret === null ? 'no secret' : 'secret');
    if (found && differing.length === 0) continue;
    steps.push({
      act: found ? 'change' : 'create',
      what: `connection ${name}`,
      detail: found ? differing.join(', ') : connection.issuer,
      order: Order.connection,
      ...(isSecretSent && { secret }),
      request: () => ({ method: 'PUT', path: path(name), body: fields }),
    });
  }
  const left = connections.filter(({ name }) => !wanted?.some((one) => one.name === name));
  const isKeptAll = !prune || !wanted;
  for (const { name } of wanted ? left : []) {
    if (isKeptAll) kept.push(`connection ${name}`);
    else
      steps.push({
        act: 'remove',
        what: `connection ${name}`,
        order: Order.noConnection,
        request: () => ({ method: 'DELETE', path: path(name) }),
      });
  }
  const isAnyLeft =
    (wanted ?? []).some((one) => !isDisabled(one, connections)) ||
    (isKeptAll && left.some(({ disabledAt }) => disabledAt === null));
  if (isEnforced && !isAnyLeft)
    problems.push('people would sign in only at identity providers, and no connection would be enabled');
}

function isDisabled({ name, disabled }: Wanted, connections: readonly Connection[]): boolean {
  return disabled ?? (connections.find((one) => one.name === name)?.disabledAt ?? null) !== null;
}

/** The names of what the file says otherwise. What it does not say stays as it is. */
function differences(wanted: Wanted, found: Connection): string[] {
  const { label, issuer, clientId, scopes, groupsClaim, domains, disabled } = wanted;
  const pairs: readonly (readonly [name: string, wanted: unknown, found: unknown])[] = [
    ['label', label, found.label],
    ['issuer', issuer, found.issuer],
    ['clientId', clientId, found.clientId],
    // Without this scope nobody signs in, so it is always asked for.
    ['scopes', scopes && sorted(['openid', ...scopes]), sorted(found.scopes)],
    ['groupsClaim', groupsClaim, found.groupsClaim],
    ['domains', sorted(domains), sorted(found.domains)],
    ['disabled', disabled, found.disabledAt !== null],
  ];
  return pairs.flatMap(([name, one, other]) => (one !== undefined && one !== other ? [name] : []));
}

function sorted(texts: readonly string[] | undefined): string | undefined {
  return texts && [...new Set(texts)].toSorted().join(' ');
}
