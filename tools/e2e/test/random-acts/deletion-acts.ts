import { authorizeAt, isPermitted, principalAt } from '@causeway/authz';
import { type Principal, causewayError } from '@causeway/contracts';
import { type Access, type Key, type Person, bindingsOf, permissionsOf, treeOf } from './access-model.js';
import type { Choice, Choose } from './act.js';
import {
  atPlace,
  checkMayGive,
  checkTeam,
  chooseTeam,
  placeOfBinding,
  withoutProject,
} from './named-place.js';
import { type World, placeOf } from './world.js';

/** So many of those that were deleted are remembered, for requests that name them. */
const REMEMBERED = 6;
/** A team is deleted seldom: with it go those who act. */
const CHANCE_OF_TEAM = 0.4;
/** So many teams an organisation keeps. */
const LEAST_TEAMS = 2;

/** Disables or enables a person or a program. */
export const disable: Choose = (world, key, choice) => {
  const person = choosePerson(world, key, choice);
  if (!person) return undefined;
  const isDisabled = choice.random() < 0.5;
  return {
    what: `${person.kind} ${person.id} ${isDisabled ? 'disabled' : 'enabled'}`,
    method: 'PATCH',
    path: pathOf(person),
    body: { disabled: isDisabled },
    expect: (principal, access) => ({
      verdict: atPlace(principal, 'member:write', () => {
        checkMayChange(world, principal, person);
        if (access.ended.has(person.id) === isDisabled) return;
        checkMayGiveAll(world, principal, access, person);
        if (isDisabled && isFounder(access, person)) throw causewayError('OWNER_LAST', {});
      }),
    }),
    apply: () => {
      const ended = new Set(world.access.ended);
      if (isDisabled) ended.add(person.id);
      else ended.delete(person.id);
      world.access = { ...world.access, ended };
    },
  };
};

/** Deletes a person, who has to be disabled, or a program. */
export const deletePerson: Choose = (world, key, choice) => {
  const person = choosePerson(world, key, choice);
  if (!person) return undefined;
  return {
    what: `end of ${person.kind} ${person.id}`,
    method: 'DELETE',
    path: pathOf(person),
    expect: (principal, access) => ({
      verdict: atPlace(principal, 'member:write', () => {
        checkMayChange(world, principal, person);
        if (person.kind === 'user' && !access.ended.has(person.id))
          throw causewayError('USER_NOT_DISABLED', { name: '' });
        checkMayGiveAll(world, principal, access, person);
      }),
    }),
    apply: () => endPeople(world, [person]),
  };
};

/** Deletes a team, mostly with the word that it needs. */
export const deleteTeam: Choose = (world, key, choice) => {
  if (choice.random() > CHANCE_OF_TEAM) return undefined;
  const team = chooseTeam(world, key, choice);
  const others = world.teams.filter(({ organisationId }) => organisationId === team.organisationId);
  const isConfirmed = choice.random() < 0.8 && others.length > LEAST_TEAMS;
  return {
    what: `end of team ${team.id}`,
    method: 'DELETE',
    path: `/api/platform/v1/teams/${team.id}?confirm=${encodeURIComponent(isConfirmed ? team.name : 'another')}`,
    expect: (principal) => ({
      verdict: atPlace(principal, 'organisation:write', () => {
        // What the team holds is counted first.
        if (!isPermitted(principalAt(principal, { teamId: team.id }), 'flow:read'))
          throw causewayError('PERMISSION_DENIED', { permission: 'flow:read' });
        authorizeAt(principal, 'organisation:write', { organisationId: principal.organisationId });
        checkTeam(world, principal, placeOf(team));
        // Its founder has a key in every team, so none is empty.
        if (!isConfirmed) throw causewayError('TEAM_NOT_EMPTY', { name: team.name, holds: '' });
      }),
    }),
    apply: () => {
      endPeople(
        world,
        world.people.filter(({ kind, teamId }) => kind === 'service_account' && teamId === team.id),
      );
      endKeys(world, ({ teamId }) => teamId === team.id);
      const isElsewhere = ({ team: { id } }: { readonly team: { readonly id: string } }) => id !== team.id;
      world.flows = world.flows.filter(isElsewhere);
      world.projects = world.projects.filter(isElsewhere);
      world.runs = world.runs.filter(isElsewhere);
      world.files = world.files.filter(isElsewhere);
      world.teams = world.teams.filter(({ id }) => id !== team.id);
      world.goneTeams = [...world.goneTeams, team].slice(-REMEMBERED);
      const bindings = world.access.bindings.filter(
        ({ objectId, teamId, subjectId }) => ![objectId, teamId, subjectId].includes(team.id),
      );
      world.access = { ...world.access, bindings };
    },
  };
};

/** Forgets ended keys but the last ones: a world that lives long does not grow. */
export function forgetEnded(world: World): void {
  const { access } = world;
  const forgotten = access.keys.filter(({ id }) => access.ended.has(id)).slice(0, -REMEMBERED);
  if (forgotten.length === 0) return;
  const ids = new Set(forgotten.map(({ id }) => id));
  for (const id of ids) world.apis.delete(id);
  world.access = {
    ...access,
    keys: access.keys.filter(({ id }) => !ids.has(id)),
    ended: new Set([...access.ended].filter((id) => !ids.has(id))),
  };
}

/** Mostly somebody of the key's own team or organisation, sometimes somebody who was deleted. */
function choosePerson(world: World, key: Key, choice: Choice): Person | undefined {
  const { people, gonePeople } = world;
  if (choice.random() < 0.05 && gonePeople.length > 0) return choice.pick(gonePeople);
  const isProgram = choice.random() < 0.6;
  const some = people.filter(({ kind, teamId, organisationId }) => {
    if (isProgram) return kind === 'service_account' && (teamId === key.teamId || choice.random() < 0.3);
    return kind === 'user' && (organisationId === key.holder.organisationId || choice.random() < 0.1);
  });
  return some.length > 0 ? choice.pick(some) : undefined;
}

function pathOf({ kind, id }: Person): string {
  return `/api/platform/v1/${kind === 'user' ? 'users' : 'service-accounts'}/${id}`;
}

/** People are an organisation's, programs a team's. */
function checkMayChange(world: World, principal: Principal, person: Person): void {
  const { id, kind, organisationId, teamId } = person;
  const isGone = !world.people.includes(person);
  if (kind === 'user') {
    authorizeAt(principal, 'member:write', { organisationId: principal.organisationId });
    if (isGone || organisationId !== principal.organisationId)
      throw causewayError('USER_UNKNOWN', { userId: id });
    return;
  }
  const place = { organisationId, teamId };
  if (isGone || !isKnownTeam(world, principal, place))
    throw causewayError('ACCOUNT_UNKNOWN', { accountId: id });
  authorizeAt(principal, 'member:write', place);
}

function isKnownTeam(
  world: World,
  principal: Principal,
  place: { organisationId: string; teamId: string },
): boolean {
  try {
    checkTeam(world, principal, place);
    return true;
  } catch {
    return false;
  }
}

/** Ending somebody's access is like taking away the roles that are theirs or their groups'. */
function checkMayGiveAll(world: World, principal: Principal, access: Access, { id }: Person): void {
  for (const binding of bindingsOf(access, id))
    checkMayGive(principal, permissionsOf(access, binding), withoutProject(placeOfBinding(world, binding)));
}

function isFounder({ bindings }: Access, { id }: Person): boolean {
  return bindings.some(({ role, subjectId }) => role === 'owner' && subjectId === id);
}

function endPeople(world: World, people: readonly Person[]): void {
  const ids = new Set(people.map(({ id }) => id));
  endKeys(world, ({ holder }) => ids.has(holder.id));
  const { access } = world;
  world.people = world.people.filter(({ id }) => !ids.has(id));
  world.gonePeople = [...world.gonePeople, ...people].slice(-REMEMBERED);
  world.access = {
    ...access,
    bindings: access.bindings.filter(({ subjectId }) => !ids.has(subjectId)),
    groups: new Map(
      [...access.groups].map(([group, members]) => [
        group,
        new Set([...members].filter((member) => !ids.has(member))),
      ]),
    ),
    ended: new Set([...access.ended].filter((id) => !ids.has(id))),
  };
}

/** Ends keys, and those that were made with them. */
function endKeys(world: World, isEnded: (key: Key) => boolean): void {
  const { access } = world;
  const ended = access.keys.filter(isEnded).flatMap((key) => treeOf(access, key));
  world.access = { ...access, ended: new Set([...access.ended, ...ended.map(({ id }) => id)]) };
}
