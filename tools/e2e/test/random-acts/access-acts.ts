import { authorizeAt, checkPermitted, knowsTeam, permissionsAt } from '@causeway/authz';
import type { Place } from '@causeway/authz';
import { type Permission, causewayError, permissions } from '@causeway/contracts';
import {
  type Access,
  type Key,
  type Person,
  grantsOf,
  mayInTeam,
  permissionsOf,
  roleKey,
  treeOf,
  verdictOf,
} from './access-model.js';
import type { Choose } from './act.js';
import { deletePerson, deleteTeam, disable } from './deletion-acts.js';
import { give, share, take } from './giving-acts.js';
import {
  atPlace,
  checkFound,
  checkMayGive,
  checkTeam,
  choosePlace,
  chooseTeam,
  placeOfBinding,
  queryOf,
  withoutProject,
} from './named-place.js';
import { type Team, type World, placeOf } from './world.js';

/** More than these of a kind are not made. */
const MOST = 60;

const explainOwn: Choose = (world, key, choice) => {
  const named = choosePlace(world, key, choice);
  if (named.level === 'organisation') return undefined;
  return {
    what: `what it may do in ${named.level} ${named.objectId}`,
    method: 'GET',
    path: `/api/platform/v1/access?${queryOf(named)}`,
    expect: (principal) => ({
      verdict: verdictOf(() => {
        checkFound(principal, named);
        checkTeam(world, principal, named.place);
        // Who knows a team by a role in one flow has nothing to be told about another one.
        if (!knowsTeam(principal.grants ?? [], { ...named.place, teamId: named.place.teamId ?? '' }))
          throw causewayError('SUBJECT_UNKNOWN', { kind: principal.kind, id: principal.id });
      }),
      shows: permissionsAt(principal.grants ?? [], named.place),
    }),
    shown: (answer) =>
      answer
        .json<{ permissions: { permission: string; allowed: boolean }[] }>()
        .permissions.filter(({ allowed }) => allowed)
        .map(({ permission }) => permission),
  };
};

const listBindings: Choose = (world, key, choice) => {
  const named = choosePlace(world, key, choice);
  return {
    what: `roles in ${named.level} ${named.objectId}`,
    method: 'GET',
    path: `/api/platform/v1/role-bindings?limit=500&${queryOf(named)}`,
    expect: (principal, access) => ({
      verdict: atPlace(principal, 'member:read', () => {
        checkFound(principal, named);
        checkTeam(world, principal, named.place);
        authorizeAt(principal, 'member:read', named.place);
      }),
      shows: access.bindings
        .filter((binding) => isListedAt(named.place, placeOfBinding(world, binding)))
        .map(({ id }) => id),
    }),
    shown: (answer) =>
      answer
        .json<{ items: { id: string; role: string }[] }>()
        // The founder's has no id here.
        .items.map(({ id, role }) => (role === 'owner' ? 'the founder’s' : id)),
  };
};

/** Whether a list about a place has the roles of another: those around it, and below a team those in its projects and flows. */
function isListedAt(place: Place, other: Place): boolean {
  if (other.organisationId !== place.organisationId) return false;
  if (other.teamId === undefined) return true;
  if (other.teamId !== place.teamId) return false;
  if (place.projectId === undefined && place.flowId === undefined) return true;
  if (other.projectId === undefined && other.flowId === undefined) return true;
  if (other.flowId !== undefined) return other.flowId === place.flowId;
  return other.projectId === place.projectId;
}

const putRole: Choose = (world, key, choice) => {
  const { organisationId } = key.holder;
  const role = choice.pick(['own 0', 'own 3']);
  const wanted = permissions.filter(() => choice.random() < 0.3);
  if (wanted.length === 0) return undefined;
  return {
    what: `role ${role} is ${wanted.join(' ')}`,
    method: 'PUT',
    path: `/api/platform/v1/roles/${role}`,
    body: { permissions: wanted },
    expect: (principal, access) => ({
      verdict: atPlace(principal, 'organisation:write', () => {
        authorizeAt(principal, 'organisation:write', { organisationId });
        const former = access.roles.get(roleKey(organisationId, role)) ?? [];
        checkMayGive(principal, [...wanted, ...former], { organisationId });
      }),
    }),
    apply: () => {
      const roles = new Map(world.access.roles).set(roleKey(organisationId, role), wanted);
      world.access = { ...world.access, roles };
    },
  };
};

const setMember: Choose = (world, key, choice) => {
  const { organisationId } = key.holder;
  const groupId = choice.pick([...world.access.groups.keys()]);
  const isOwn = organisationOfGroup(world, groupId) === organisationId;
  const person = choice.pick(world.people.filter(({ kind }) => kind === 'user'));
  const isMember = choice.random() < 0.5;
  return {
    what: `user ${person.id} ${isMember ? 'into' : 'out of'} group ${groupId}`,
    method: isMember ? 'PUT' : 'DELETE',
    path: `/api/platform/v1/groups/${groupId}/members/${person.id}`,
    expect: (principal, access) => ({
      verdict: atPlace(principal, 'member:write', () => {
        authorizeAt(principal, 'member:write', { organisationId });
        if (!isOwn) throw causewayError('GROUP_UNKNOWN', { groupId });
        for (const binding of access.bindings.filter(({ subjectId }) => subjectId === groupId))
          checkMayGive(
            principal,
            permissionsOf(access, binding),
            withoutProject(placeOfBinding(world, binding)),
          );
        if (person.organisationId !== organisationId)
          throw causewayError('USER_UNKNOWN', { userId: person.id });
      }),
    }),
    apply: () => {
      const members = new Set(world.access.groups.get(groupId));
      if (isMember) members.add(person.id);
      else members.delete(person.id);
      world.access = { ...world.access, groups: new Map(world.access.groups).set(groupId, members) };
    },
  };
};

/** Groups are made by twos, for one organisation after the other. */
function organisationOfGroup(world: World, groupId: string): string | undefined {
  return world.organisationIds[Math.floor([...world.access.groups.keys()].indexOf(groupId) / 2)];
}

const makeKey: Choose = (world, key, choice) => {
  if (world.access.keys.length >= MOST) return undefined;
  const wanted = permissions.filter(() => choice.random() < 0.1);
  const { holder, teamId } = key;
  return {
    what: `new key with ${wanted.join(' ')}`,
    method: 'POST',
    path: '/api/v1/api_key/',
    body: { name: 'made', permissions: wanted },
    expect: (principal) => ({
      verdict: verdictOf(() => {
        checkPermitted({ principal }, ['key:write']);
        const permission = wanted.find((one) => !principal.permissions.includes(one));
        if (permission !== undefined) throw causewayError('KEY_SCOPE_TOO_WIDE', { permission });
      }),
    }),
    apply: (answer) => {
      const made = answer.json<{ id: string; api_key: string }>();
      const own = world.apis.get(key.id);
      if (!own) return;
      const added: Key = { id: made.id, holder, teamId, permissions: wanted, madeById: key.id };
      world.access = { ...world.access, keys: [...world.access.keys, added] };
      world.apis.set(made.id, own.as(made.api_key));
    },
  };
};

const revokeKey: Choose = (world, key, choice) => {
  const isFounders = (one: Key): boolean =>
    one.permissions.length === permissions.length &&
    world.access.bindings.some(({ role, subjectId }) => role === 'owner' && subjectId === one.holder.id);
  const keys = world.access.keys.filter((one) => !isFounders(one));
  const target = choice.pick(keys.filter(({ teamId }) => teamId === key.teamId || choice.random() < 0.3));
  if (!target) return undefined;
  return {
    what: `end of key ${target.id}`,
    method: 'DELETE',
    path: `/api/v1/api_key/${target.id}`,
    expect: (principal, access) => ({
      verdict: verdictOf(() => {
        const { id: keyId, teamId, holder } = target;
        const unknown = causewayError('KEY_UNKNOWN', { keyId });
        if (holder.organisationId !== principal.organisationId || access.ended.has(keyId)) throw unknown;
        if (treeOf(access, key).some(({ id }) => id === keyId)) return;
        const grants = principal.grants ?? [];
        const place = { organisationId: principal.organisationId, teamId };
        if (!knowsTeam(grants, place)) throw unknown;
        authorizeAt(principal, holder.id === principal.id ? 'key:write' : 'member:write', place);
        for (const one of treeOf(access, target)) {
          const there = { organisationId: principal.organisationId, teamId: one.teamId };
          const held = permissionsAt(grants, there);
          const more = allowedBy(access, one, there).find((permission) => !held.includes(permission));
          if (more !== undefined) throw causewayError('KEY_OF_MORE', { keyId, permission: more });
        }
      }),
    }),
    apply: () => {
      const ended = new Set([...world.access.ended, ...treeOf(world.access, target).map(({ id }) => id)]);
      world.access = { ...world.access, ended };
    },
  };
};

/** What a key allows in its team; without a role there, what it would allow with any. */
function allowedBy(access: Access, { holder, permissions: scope }: Key, place: Place): readonly Permission[] {
  const grants = grantsOf(access, holder.id, scope);
  const covering = grants.filter(({ level }) => level === 'organisation' || level === 'team');
  const here = covering.filter(
    ({ objectId }) => objectId === place.teamId || objectId === place.organisationId,
  );
  return here.length > 0 ? permissionsAt(here, place) : scope;
}

const listTeams: Choose = (world) => ({
  what: 'list of teams',
  method: 'GET',
  path: '/api/platform/v1/teams?limit=500',
  expect: (principal) => ({
    verdict: atPlace(principal, 'member:read', () => {}),
    shows: world.teams
      .filter((team) => permissionsAt(principal.grants ?? [], placeOf(team)).includes('member:read'))
      .map(({ id }) => id),
  }),
  shown: (answer) => answer.json<{ items: { id: string }[] }>().items.map(({ id }) => id),
});

const listAccounts: Choose = (world, key, choice) => {
  const team = chooseTeam(world, key, choice);
  const isIn = ({ kind, teamId }: Person): boolean => kind === 'service_account' && teamId === team.id;
  return {
    what: `service accounts of team ${team.id}`,
    method: 'GET',
    path: `/api/platform/v1/teams/${team.id}/service-accounts?limit=500`,
    expect: (principal) => ({
      verdict: atPlace(principal, 'member:read', () => {
        checkTeam(world, principal, placeOf(team));
        authorizeAt(principal, 'member:read', placeOf(team));
      }),
      shows: world.people.filter(isIn).map(({ id }) => id),
    }),
    shown: (answer) => answer.json<{ items: { id: string }[] }>().items.map(({ id }) => id),
  };
};

const listKeys: Choose = () => ({
  what: 'list of its own keys',
  method: 'GET',
  path: '/api/v1/api_key/',
  expect: (principal, access) => ({
    verdict: mayInTeam(principal, 'key:read'),
    shows: access.keys
      .filter(
        ({ id, holder, teamId }) =>
          holder.id === principal.id && teamId === principal.teamId && !access.ended.has(id),
      )
      .map(({ id }) => id),
  }),
  shown: (answer) => answer.json<{ api_keys: { id: string }[] }>().api_keys.map(({ id }) => id),
});

const readAudit: Choose = (world, key, choice) => {
  const team = chooseTeam(world, key, choice);
  const isWhole = choice.random() < 0.3;
  const { organisationId } = key.holder;
  const place = isWhole ? { organisationId } : placeOf(team);
  return {
    what: `audit log of ${isWhole ? 'the organisation' : `team ${team.id}`}`,
    method: 'GET',
    path: `/api/platform/v1/audit/events?limit=500&${isWhole ? 'scope=organisation' : `team_id=${team.id}`}`,
    expect: (principal) => ({
      verdict: atPlace(principal, 'audit:read', () => {
        if (!isWhole && team.id !== principal.teamId) checkTeam(world, principal, place);
        authorizeAt(principal, 'audit:read', place);
      }),
      shows: [],
    }),
    /** What was done elsewhere. A refusal names what its caller named, wherever that is. */
    shown: (answer) => {
      const elsewhere = idsElsewhere(world, place);
      return answer
        .json<{ items: { result: string; object?: { id?: string } }[] }>()
        .items.flatMap(({ result, object }) =>
          result === 'succeeded' && object?.id !== undefined && elsewhere.has(object.id) ? [object.id] : [],
        );
    },
  };
};

/** Ids of flows, projects and runs that an audit log of a place must not name. */
function idsElsewhere(world: World, { organisationId, teamId }: Place): Set<string> {
  const isElsewhere = ({ team }: { team: Team }): boolean =>
    team.organisationId !== organisationId || (teamId !== undefined && team.id !== teamId);
  const flows = world.flows.filter(({ formerTeamIds }) => !formerTeamIds.some((id) => id === teamId));
  const objects = [...flows, ...world.projects, ...world.runs, ...world.files];
  return new Set(objects.filter(isElsewhere).map(({ id }) => id));
}

/** Acts on roles, groups, keys, people and teams, and what shows them. */
export const accessActs: readonly Choose[] = [
  explainOwn,
  give,
  share,
  take,
  listBindings,
  putRole,
  setMember,
  disable,
  deletePerson,
  deleteTeam,
  makeKey,
  revokeKey,
  listTeams,
  listAccounts,
  listKeys,
  readAudit,
];
