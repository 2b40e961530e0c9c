import { authorizeAt, knowsTeam, permissionsAt } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import { type Key, type Person, permissionsOf } from './access-model.js';
import type { Act, Choice, Choose } from './act.js';
import {
  type Named,
  atPlace,
  checkFound,
  checkMayGive,
  checkTeam,
  choosePlace,
  chooseTeam,
  knownPlaceOf,
} from './named-place.js';
import { type World, placeOf } from './world.js';

/** More role bindings are not made. */
const MOST = 90;

/** Who gets a role; a team gets one in a flow of another team. */
type Subject = Person | { readonly kind: 'team'; readonly id: string; readonly organisationId: string };

const ROLES = ['viewer', 'runner', 'editor', 'publisher', 'admin', 'own 0', 'own 3', 'none'];

/** Gives a person or a program a role. */
export const give: Choose = (world, key, choice) => {
  if (world.access.bindings.length >= MOST) return undefined;
  const named = choosePlace(world, key, choice);
  const people = choosePeople(world, key, choice);
  return giving(world, key, { named, subject: choice.pick(people), role: choice.pick(ROLES) });
};

/** Gives a team, or somebody, a role in one flow; sometimes a team in what it gets no role in. */
export const share: Choose = (world, key, choice) => {
  const flow = choice.flow(world, key);
  if (!flow || world.access.bindings.length >= MOST) return undefined;
  const { id, team } = flow;
  const ofFlow: Named = { level: 'flow', objectId: id, teamId: team.id, place: placeOf(flow), found: flow };
  const named = choice.random() < 0.9 ? ofFlow : choosePlace(world, key, choice);
  const isWithTeam = choice.random() < 0.7;
  const teams = world.teams.filter((one) => one.id !== team.id && one.organisationId === team.organisationId);
  const other =
    teams.length > 0 && choice.random() < 0.8 ? choice.pick(teams) : chooseTeam(world, key, choice);
  const people = choosePeople(world, key, choice);
  const subject = isWithTeam ? ({ ...other, kind: 'team' } as const) : choice.pick(people);
  return giving(world, key, { named, subject, role: choice.pick(ROLES) });
};

/** Mostly those of the organisation of a key, sometimes those that were deleted. */
function choosePeople({ people, gonePeople }: World, { holder }: Key, choice: Choice): readonly Person[] {
  if (choice.random() < 0.05 && gonePeople.length > 0) return gonePeople;
  return people.filter((one) => one.organisationId === holder.organisationId || choice.random() < 0.2);
}

function giving(
  world: World,
  key: Key,
  { named, subject, role }: { named: Named; subject: Subject; role: string },
): Act {
  const { organisationId } = key.holder;
  const { level, objectId, teamId, place } = named;
  const isKnown = [...world.people, ...world.teams].some(({ id }) => id === subject.id);
  return {
    what: `role ${role} for ${subject.kind} ${subject.id} in ${level} ${objectId}`,
    method: 'POST',
    path: '/api/platform/v1/role-bindings',
    body: {
      subject: { kind: subject.kind, id: subject.id },
      role,
      level,
      ...(level !== 'organisation' && { objectId }),
      ...(teamId !== undefined && { teamId }),
    },
    expect: (principal, access) => ({
      verdict: atPlace(principal, 'member:write', () => {
        checkFound(principal, named);
        checkTeam(world, principal, place);
        authorizeAt(principal, 'member:write', place);
        if (role === 'none') throw causewayError('ROLE_UNKNOWN', { role });
        checkMayGive(principal, permissionsOf(access, { organisationId, role, level }), place);
        if (subject.organisationId !== organisationId || !isKnown)
          throw causewayError('SUBJECT_UNKNOWN', { kind: subject.kind, id: subject.id });
        switch (subject.kind) {
          case 'user':
            return;
          case 'team':
            if (level !== 'flow' || subject.id === teamId)
              throw causewayError('SHARE_REFUSED', { problem: '' });
            return;
          case 'service_account':
            if (subject.teamId === place.teamId) return;
            throw knowsTeam(principal.grants ?? [], { organisationId, teamId: subject.teamId })
              ? causewayError('ACCOUNT_ELSEWHERE', { name: '', team: '' })
              : causewayError('SUBJECT_UNKNOWN', { kind: subject.kind, id: subject.id });
        }
      }),
    }),
    apply: (answer) => {
      const { id } = answer.json<{ id: string }>();
      const { bindings } = world.access;
      if (bindings.some((one) => one.id === id)) return;
      const added = {
        id,
        organisationId,
        subjectId: subject.id,
        role,
        level,
        objectId,
        ...(teamId !== undefined && { teamId }),
      };
      world.access = { ...world.access, bindings: [...bindings, added] };
    },
  };
}

/** Takes a role, or a share, away. */
export const take: Choose = (world, key, choice) => {
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
