import { writeFileSync } from 'node:fs';
import type { Connection, OrganisationFile, RoleBinding, User } from '@causeway/contracts';
import { stringify } from 'yaml';
import type { Api } from '../../api.js';
import type { Output } from '../../output.js';
import { readAll } from '../access/find-named.js';
import { USERS } from '../people/users-path.js';
import { type PresentState, readState } from './present-state.js';

/** Writes what the organisation is now as a file that `apply` reads. Secrets are not in it: it names variables in their place. */
export async function exportOrganisation(
  api: Api,
  options: { readonly out?: string },
  output: Output,
): Promise<number> {
  const state = await readState(api, []);
  const people = await readAll<User>(api, USERS);
  const file = describe(state, people);
  const text = stringify(file, { lineWidth: 120 });
  if (options.out === undefined) {
    output.result(file, () => text.trimEnd());
    return 0;
  }
  writeFileSync(options.out, text);
  output.result(
    { file: options.out },
    () => `${options.out} describes the organisation ${state.organisation.name}`,
  );
  return 0;
}

/** What the organisation is, as a file says it. Pure. */
export function describe(state: PresentState, people: readonly User[]): OrganisationFile {
  const { organisation, teams, roles, connections, groups, accounts, bindings } = state;
  const teamName = (id: string): string => teams.find((team) => team.id === id)?.name ?? id;
  const given = (kind: RoleBinding['subject']['kind'], id: string) =>
    bindings
      .filter(({ subject }) => subject.kind === kind && subject.id === id)
      .map(({ role, level, objectId }) =>
        level === 'team' ? { role, team: teamName(objectId) } : { role, organisation: true as const },
      );
  return {
    version: 1,
    organisation: { name: organisation.name, ssoEnforced: organisation.ssoEnforcedAt !== null },
    teams: teams.map(({ name }) => name),
    roles: roles
      .filter(({ isBuiltIn }) => !isBuiltIn)
      .map(({ name, permissions }) => ({ name, permissions })),
    connections: connections.map(describeConnection),
    groups: groups.map(({ group, members }) => ({
      name: group.name,
      ...(group.connection === null
        ? { members: members.map((person) => referenceTo(person, people)) }
        : { connection: group.connection, claim: group.claimValue ?? group.name }),
      roles: given('group', group.id),
    })),
    users: people.flatMap((person) => {
      const own = given('user', person.id);
      return own.length === 0 ? [] : [{ user: referenceTo(person, people), roles: own }];
    }),
    accounts: accounts.flatMap(({ id, name, teamId, disabledAt }) => {
      const own = given('service_account', id).map(({ role }) => role);
      // One without a role in its team has roles in single projects or flows, which no file describes.
      if (own.length === 0) return [];
      return [{ name, team: teamName(teamId), roles: own, ...(disabledAt !== null && { disabled: true }) }];
    }),
  };
}

/** A connection as a file says it. Certificates cannot be read back: those that are there stay. */
function describeConnection(one: Connection): NonNullable<OrganisationFile['connections']>[number] {
  const { name, label, issuer, clientId, domains, scimIdClaim, disabledAt } = one;
  const common = {
    name,
    label,
    issuer,
    clientId,
    domains,
    scimIdClaim,
    ...(disabledAt !== null && { disabled: true }),
  };
  if (one.kind === 'saml') {
    const { kind, signInUrl, nameIdFormat, attributes } = one;
    return { ...common, kind, signInUrl, nameIdFormat, attributes };
  }
  const { scopes, groupsClaim, hasSecret } = one;
  return { ...common, scopes, groupsClaim, secret: hasSecret ? `\${env:${variableOf(name)}}` : null };
}

/** The shortest way to name a person that means nobody else. */
function referenceTo({ id, name, email }: User, people: readonly User[]): string {
  const isAlone = (is: (one: User) => boolean): boolean => people.filter(is).length === 1;
  if (email !== null && isAlone((one) => one.email?.toLowerCase() === email.toLowerCase())) return email;
  const isOnlyName = isAlone((one) => one.name === name || one.email?.toLowerCase() === name.toLowerCase());
  return isOnlyName ? name : id;
}

function variableOf(connection: string): string {
  return `SSO_SECRET_${connection.toUpperCase().replaceAll('-', '_')}`;
}
