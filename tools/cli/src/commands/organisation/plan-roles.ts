import type { OrganisationFile, RoleBinding } from '@causeway/contracts';
import type { Draft, PlanOptions } from './plan.js';
import type { PresentState } from './present-state.js';
import { Order, idOf } from './step.js';

type Subject = RoleBinding['subject'];

/** A role that the file gives. */
interface Wanted {
  /** The key of the subject, such as `group finance`. */
  readonly subject: string;
  /** As people read it. */
  readonly shown: string;
  readonly kind: Subject['kind'];
  readonly role: string;
  /** Undefined: in the whole organisation. */
  readonly team: string | undefined;
}

/** Plans which roles people, groups and service accounts have. */
export function planRoles(
  file: OrganisationFile,
  state: PresentState,
  { prune }: PlanOptions,
  draft: Draft,
): void {
  const { steps, kept, problems } = draft;
  const wanted = wantedRoles(file, state, draft);
  const teams = new Set([...state.teams.map(({ name }) => name), ...(file.teams ?? [])]);
  const roles = new Set([...state.roles, ...(file.roles ?? [])].map(({ name }) => name));
  const present = new Map(state.bindings.map((binding) => [keyOfPresent(binding, state), binding]));
  const first = new Set(
    steps.filter(({ order }) => order === Order.account).map(({ what, detail }) => `${what}: ${detail}`),
  );
  for (const one of wanted.values()) {
    const { subject, shown, kind, role, team } = one;
    const key = keyOf(one);
    const text = keyOf({ subject: shown, role, team });
    if (team !== undefined && !teams.has(team))
      problems.push(`${text}: there is no such team, neither here nor in the file`);
    else if (!roles.has(role)) problems.push(`${text}: there is no such role, neither here nor in the file`);
    // An account is made with its first role.
    else if (!present.has(key) && !first.has(key))
      steps.push({
        act: 'create',
        what: text,
        order: role === 'owner' ? Order.owner : Order.binding,
        request: (ids) => ({
          method: 'POST',
          path: '/api/platform/v1/role-bindings',
          body: {
            subject: { kind, id: idOf(ids, subject) },
            role,
            ...(team === undefined
              ? { level: 'organisation' }
              : { level: 'team', objectId: idOf(ids, `team ${team}`) }),
          },
        }),
      });
  }
  const described = describedSubjects(file, state);
  for (const [key, { id, subject, role }] of present) {
    if (wanted.has(key) || !described.has(subject.id)) continue;
    const text = subject.kind === 'user' ? key.replace(subject.id, subject.name) : key;
    if (!prune) kept.push(text);
    else if (isOwn(subject, state)) kept.push(`${text}: it is your own`);
    else
      steps.push({
        act: 'remove',
        what: text,
        // Owners last: whoever replaces them is there by then.
        order: Order.noBinding + (role === 'owner' ? 0.5 : 0),
        request: () => ({ method: 'DELETE', path: `/api/platform/v1/role-bindings/${id}` }),
      });
  }
}

/** Plans who is in groups that no identity provider fills. */
export function planMembers(
  { groups: wanted = [] }: OrganisationFile,
  state: PresentState,
  { prune }: PlanOptions,
  draft: Draft,
): void {
  const { steps, kept } = draft;
  for (const { name, members } of wanted) {
    if (!members) continue;
    const present = state.groups.find(({ group }) => group.name === name)?.members ?? [];
    const ids = new Set<string>();
    for (const named of members) {
      const id = personOf(named, `is to be in group ${name}`, state, draft);
      if (id === undefined) continue;
      ids.add(id);
      if (present.some((one) => one.id === id)) continue;
      steps.push({
        act: 'create',
        what: `${named} in group ${name}`,
        order: Order.member,
        request: (known) => ({
          method: 'PUT',
          path: `/api/platform/v1/groups/${idOf(known, `group ${name}`)}/members/${id}`,
        }),
      });
    }
    for (const person of present) {
      if (ids.has(person.id)) continue;
      const what = `${person.email ?? person.name} in group ${name}`;
      if (!prune) kept.push(what);
      else if (person.id === state.self.subject.id) kept.push(`${what}: it is yourself`);
      else
        steps.push({
          act: 'remove',
          what,
          order: Order.noMember,
          request: (known) => ({
            method: 'DELETE',
            path: `/api/platform/v1/groups/${idOf(known, `group ${name}`)}/members/${person.id}`,
          }),
        });
    }
  }
}

function wantedRoles(file: OrganisationFile, state: PresentState, draft: Draft): Map<string, Wanted> {
  const all: Wanted[] = [];
  for (const { name, roles = [] } of file.groups ?? [])
    for (const { role, team } of roles) all.push({ ...named(`group ${name}`), kind: 'group', role, team });
  for (const { user, roles = [] } of file.users ?? []) {
    const id = personOf(user, 'has roles', state, draft);
    if (id !== undefined)
      for (const { role, team } of roles)
        all.push({ subject: `user ${id}`, shown: `user ${user}`, kind: 'user', role, team });
  }
  for (const { name, team, roles } of file.accounts ?? [])
    for (const role of roles)
      all.push({ ...named(`account ${name} of team ${team}`), kind: 'service_account', role, team });
  return new Map(all.map((one) => [keyOf(one), one]));
}

function named(subject: string): Pick<Wanted, 'subject' | 'shown'> {
  return { subject, shown: subject };
}

/** The person whom the file names; undefined when nobody, or more than one, is meant. */
function personOf(
  name: string,
  what: string,
  { people }: PresentState,
  { waiting, problems }: Draft,
): string | undefined {
  const found = people.get(name) ?? [];
  const [only] = found;
  if (found.length > 1)
    problems.push(
      `${name} ${what}, and ${found.length} people are called so: give an e-mail address or an id`,
    );
  else if (!only)
    waiting.push(`${name} ${what}, and was never here: apply the file again after their first sign-in`);
  return found.length === 1 ? only?.id : undefined;
}

function keyOf({ subject, role, team }: Pick<Wanted, 'subject' | 'role' | 'team'>): string {
  return `${subject}: ${role} in ${team === undefined ? 'the organisation' : `team ${team}`}`;
}

function keyOfPresent({ subject, role, level, objectId }: RoleBinding, state: PresentState): string {
  const team = level === 'team' ? state.teams.find(({ id }) => id === objectId)?.name : undefined;
  return keyOf({ subject: keyOfSubject(subject, state), role, team });
}

/** The key under which plans know a subject. */
export function keyOfSubject({ kind, id, name }: Subject, { accounts, teams }: PresentState): string {
  if (kind === 'group') return `group ${name}`;
  if (kind === 'user') return `user ${id}`;
  const teamId = accounts.find((one) => one.id === id)?.teamId;
  return `account ${name} of team ${teams.find((team) => team.id === teamId)?.name ?? ''}`;
}

/** Those whose roles the file describes: what is not in it is not wanted. Everybody, where it has people at all; only the groups and accounts that it names. */
function describedSubjects(file: OrganisationFile, state: PresentState): Set<string> {
  const { groups = [], accounts = [], users } = file;
  const ids = new Set<string>();
  for (const { group } of state.groups) if (groups.some(({ name }) => name === group.name)) ids.add(group.id);
  for (const { id, name, teamId } of state.accounts) {
    const team = state.teams.find((one) => one.id === teamId)?.name;
    if (accounts.some((one) => one.name === name && one.team === team)) ids.add(id);
  }
  for (const { subject } of users ? state.bindings : []) if (subject.kind === 'user') ids.add(subject.id);
  return ids;
}

function isOwn({ kind, id, name }: Subject, { self }: PresentState): boolean {
  return kind === 'group' ? self.roles.some(({ group }) => group === name) : id === self.subject.id;
}
