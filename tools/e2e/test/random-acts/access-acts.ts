import {
  authorizeAt,
  checkPermitted,
  isPermitted,
  isWithin,
  knowsTeam,
  permissionsAt,
  principalAt,
  reachOf,
} from '@causeway/authz';
import type { Place } from '@causeway/authz';
import { type Permission, type Principal, causewayError, permissions } from '@causeway/contracts';
import {
  type Access,
  type Binding,
  type Key,
  type Person,
  type Verdict,
  grantsOf,
  mayGive,
  mayInTeam,
  permissionsOf,
  refusalAnywhere,
  roleKey,
  verdictOf,
} from './access-model.js';
import type { Choice, Choose } from './act.js';
import { type Flow, type Project, type Team, type World, placeOf } from './world.js';

/** More than these of a kind are not made. */
const MOST = 60;

/** A place as requests name it. */
interface Named {
  readonly level: 'organisation' | 'team' | 'project' | 'flow';
  readonly objectId: string;
  readonly teamId?: string;
  readonly place: Place;
  /** The flow or project, which the gateway looks for before auth decides. */
  readonly found?: Flow | Project;
}

function chooseTeam(world: World, { teamId, holder }: Key, choice: Choice): Team {
  const chance = choice.random();
  const near = world.teams.filter(({ id, organisationId }) => {
    if (chance < 0.6) return id === teamId;
    return chance < 0.85
      ? organisationId === holder.organisationId
      : organisationId !== holder.organisationId;
  });
  return choice.pick(near.length > 0 ? near : world.teams);
}

function choosePlace(world: World, key: Key, choice: Choice): Named {
  const chance = choice.random();
  const { organisationId } = key.holder;
  if (chance < 0.15) return { level: 'organisation', objectId: organisationId, place: { organisationId } };
  const found =
    chance < 0.4 ? undefined : choice.near<Project | Flow>(chance < 0.65 ? world.projects : world.flows, key);
  if (!found) {
    const team = chooseTeam(world, key, choice);
    return { level: 'team', objectId: team.id, place: placeOf(team) };
  }
  const level = 'projectId' in found ? 'flow' : 'project';
  return { level, objectId: found.id, teamId: found.team.id, place: placeOf(found), found };
}

/** The gateway finds a project or a flow for a request, as its caller may know it there. */
function checkFound(principal: Principal, { found, place }: Named): void {
  if (!found) return;
  const { teamId = '', projectId = '', flowId = '' } = place;
  const there = principalAt(principal, { teamId });
  const act: Permission = 'projectId' in found ? 'flow:read' : 'project:read';
  if (!(act === 'flow:read' && isPermitted(there, 'flow:write', true)))
    checkPermitted({ principal: there }, [act], true);
  if (
    place.organisationId === principal.organisationId &&
    isWithin(reachOf(there, [act]), { projectId, flowId })
  )
    return;
  throw 'projectId' in found
    ? causewayError('FLOW_UNKNOWN', { flow: flowId })
    : causewayError('PROJECT_UNKNOWN', { projectId });
}

function checkTeam({ grants = [], organisationId }: Principal, { teamId, ...place }: Place): void {
  if (teamId === undefined) return;
  if (place.organisationId !== organisationId || !knowsTeam(grants, { organisationId, teamId }))
    throw causewayError('TEAM_UNKNOWN', { teamId });
}

function checkMayGive(principal: Principal, wanted: readonly Permission[], place: Place): void {
  if (mayGive(principal, wanted, place) !== 'ok')
    throw causewayError('ROLE_TOO_WIDE', { role: '', permission: '' });
}

/** A check that follows what the route itself demands. */
function atPlace(principal: Principal, act: Permission, check: () => void): Verdict {
  return refusalAnywhere(principal, act) ?? verdictOf(check);
}

function query({ level, objectId, teamId }: Named): string {
  if (level === 'organisation') return '';
  if (level === 'team') return `team_id=${objectId}`;
  return `team_id=${teamId}&${level}_id=${objectId}`;
}

const explainOwn: Choose = (world, key, choice) => {
  const named = choosePlace(world, key, choice);
  if (named.level === 'organisation') return undefined;
  return {
    what: `what it may do in ${named.level} ${named.objectId}`,
    method: 'GET',
    path: `/api/platform/v1/access?${query(named)}`,
    expect: (principal) => ({
      verdict: verdictOf(() => {
        checkFound(principal, named);
        checkTeam(principal, named.place);
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

const give: Choose = (world, key, choice) => {
  if (world.access.bindings.length >= MOST) return undefined;
  const named = choosePlace(world, key, choice);
  const { organisationId } = key.holder;
  const people = world.people.filter((one) => one.organisationId === organisationId || choice.random() < 0.2);
  const person = choice.pick(people);
  const role = choice.pick(['viewer', 'runner', 'editor', 'publisher', 'admin', 'own 0', 'own 3', 'none']);
  const { level, objectId, teamId, place } = named;
  return {
    what: `role ${role} for ${person.kind} ${person.id} in ${level} ${objectId}`,
    method: 'POST',
    path: '/api/platform/v1/role-bindings',
    body: {
      subject: { kind: person.kind, id: person.id },
      role,
      level,
      ...(level !== 'organisation' && { objectId }),
      ...(teamId !== undefined && { teamId }),
    },
    expect: (principal, access) => ({
      verdict: atPlace(principal, 'member:write', () => {
        checkFound(principal, named);
        checkTeam(principal, place);
        authorizeAt(principal, 'member:write', place);
        if (role === 'none') throw causewayError('ROLE_UNKNOWN', { role });
        checkMayGive(principal, permissionsOf(access, { organisationId, role, level }), place);
        if (person.organisationId !== organisationId) throw causewayError('SUBJECT_UNKNOWN', { ...person });
        if (person.kind === 'user' || person.teamId === place.teamId) return;
        const isKnown = knowsTeam(principal.grants ?? [], { organisationId, teamId: person.teamId });
        throw isKnown
          ? causewayError('ACCOUNT_ELSEWHERE', { name: '', team: '' })
          : causewayError('SUBJECT_UNKNOWN', { ...person });
      }),
    }),
    apply: (answer) => {
      const { id } = answer.json<{ id: string }>();
      const { bindings } = world.access;
      if (bindings.some((one) => one.id === id)) return;
      const added = {
        id,
        organisationId,
        subjectId: person.id,
        role,
        level,
        objectId,
        ...(teamId && { teamId }),
      };
      world.access = { ...world.access, bindings: [...bindings, added] };
    },
  };
};

/** Where a role holds, as auth is told for a request of somebody: the project of a flow only for who may read the flow. */
function knownPlaceOf(principal: Principal, world: World, binding: Binding): Place {
  const place = placeOfBinding(world, binding);
  const { teamId = '', projectId = '', flowId = '' } = place;
  const reach = reachOf(principalAt(principal, { teamId }), ['flow:read']);
  return isWithin(reach, { projectId, flowId }) ? place : withoutProject(place);
}

/** Where a role holds, as auth stores it: it does not know in which project a flow is. */
function withoutProject(place: Place): Place {
  const { projectId: _project, ...rest } = place;
  return place.flowId === undefined ? place : rest;
}

/** Where a role holds, with the project of a flow. */
function placeOfBinding(world: World, { organisationId, level, objectId, teamId }: Binding): Place {
  switch (level) {
    case 'organisation':
      return { organisationId };
    case 'team':
      return { organisationId, teamId: objectId };
    case 'project':
      return { organisationId, teamId, projectId: objectId };
    case 'flow':
      return {
        organisationId,
        teamId,
        projectId: world.flows.find(({ id }) => id === objectId)?.projectId,
        flowId: objectId,
      };
  }
}

const take: Choose = (world, key, choice) => {
  const isHere = choice.random() < 0.8;
  const some = world.access.bindings.filter(
    ({ organisationId, role }) =>
      role !== 'owner' && (organisationId === key.holder.organisationId) === isHere,
  );
  if (some.length === 0) return undefined;
  const binding = choice.pick(some);
  return {
    what: `end of role ${binding.role} in ${binding.level} ${binding.objectId}`,
    method: 'DELETE',
    path: `/api/platform/v1/role-bindings/${binding.id}`,
    expect: (principal, access) => ({
      verdict: atPlace(principal, 'member:write', () => {
        const place = knownPlaceOf(principal, world, binding);
        const held = permissionsAt(principal.grants ?? [], place);
        if (binding.organisationId !== principal.organisationId || !held.includes('member:read'))
          throw causewayError('BINDING_UNKNOWN', { bindingId: binding.id });
        authorizeAt(principal, 'member:write', place);
        checkMayGive(principal, permissionsOf(access, binding), place);
      }),
    }),
    apply: () => {
      const bindings = world.access.bindings.filter(({ id }) => id !== binding.id);
      world.access = { ...world.access, bindings };
    },
  };
};

const listBindings: Choose = (world, key, choice) => {
  const named = choosePlace(world, key, choice);
  return {
    what: `roles in ${named.level} ${named.objectId}`,
    method: 'GET',
    path: `/api/platform/v1/role-bindings?limit=500&${query(named)}`,
    expect: (principal, access) => ({
      verdict: atPlace(principal, 'member:read', () => {
        checkFound(principal, named);
        checkTeam(principal, named.place);
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

const disable: Choose = (world, key, choice) => {
  const accounts = world.people.filter(
    ({ kind, teamId }) => kind === 'service_account' && (teamId === key.teamId || choice.random() < 0.3),
  );
  if (accounts.length === 0) return undefined;
  const account = choice.pick(accounts);
  const isDisabled = choice.random() < 0.5;
  const place = { organisationId: account.organisationId, teamId: account.teamId };
  return {
    what: `service account ${account.id} ${isDisabled ? 'disabled' : 'enabled'}`,
    method: 'PATCH',
    path: `/api/platform/v1/service-accounts/${account.id}`,
    body: { disabled: isDisabled },
    expect: (principal, access) => ({
      verdict: atPlace(principal, 'member:write', () => {
        if (verdictOf(() => checkTeam(principal, place)) !== 'ok')
          throw causewayError('ACCOUNT_UNKNOWN', { accountId: account.id });
        authorizeAt(principal, 'member:write', place);
        if (access.ended.has(account.id) === isDisabled) return;
        for (const binding of access.bindings.filter(({ subjectId }) => subjectId === account.id))
          checkMayGive(
            principal,
            permissionsOf(access, binding),
            withoutProject(placeOfBinding(world, binding)),
          );
      }),
    }),
    apply: () => {
      const ended = new Set(world.access.ended);
      if (isDisabled) ended.add(account.id);
      else ended.delete(account.id);
      world.access = { ...world.access, ended };
    },
  };
};

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

/** A key with those that were made with it, directly or indirectly. */
function treeOf(access: Access, root: Key): Key[] {
  const made = access.keys.filter(({ madeById, id }) => madeById === root.id && !access.ended.has(id));
  return [root, ...made.flatMap((one) => treeOf(access, one))];
}

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
        checkTeam(principal, placeOf(team));
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
        if (!isWhole && team.id !== principal.teamId) checkTeam(principal, place);
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
  const objects = [...world.flows, ...world.projects, ...world.runs, ...world.files];
  return new Set(objects.filter(isElsewhere).map(({ id }) => id));
}

/** Acts on roles, groups, keys and accounts, and what shows them. */
export const accessActs: readonly Choose[] = [
  explainOwn,
  give,
  take,
  listBindings,
  putRole,
  setMember,
  disable,
  makeKey,
  revokeKey,
  listTeams,
  listAccounts,
  listKeys,
  readAudit,
];
