import { checkPermitted, isPermitted, isWithin, knowsTeam, principalAt, reachOf } from '@causeway/authz';
import type { Place } from '@causeway/authz';
import { type Permission, type Principal, causewayError } from '@causeway/contracts';
import { type Binding, type Key, type Verdict, mayGive, refusalAnywhere, verdictOf } from './access-model.js';
import type { Choice } from './act.js';
import { type Flow, type Project, type Team, type World, placeOf } from './world.js';

/** A place as requests name it. */
export interface Named {
  readonly level: 'organisation' | 'team' | 'project' | 'flow';
  readonly objectId: string;
  readonly teamId?: string;
  readonly place: Place;
  /** The flow or project, which the gateway looks for before auth decides. */
  readonly found?: Flow | Project;
}

/** Mostly a team of the key, sometimes one that was deleted. */
export function chooseTeam(world: World, { teamId, holder }: Key, choice: Choice): Team {
  const chance = choice.random();
  if (chance < 0.04 && world.goneTeams.length > 0) return choice.pick(world.goneTeams);
  const near = world.teams.filter(({ id, organisationId }) => {
    if (chance < 0.6) return id === teamId;
    return chance < 0.85
      ? organisationId === holder.organisationId
      : organisationId !== holder.organisationId;
  });
  return choice.pick(near.length > 0 ? near : world.teams);
}

/** Any place, mostly one of the key's own team. */
export function choosePlace(world: World, key: Key, choice: Choice): Named {
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
export function checkFound(principal: Principal, { found, place }: Named): void {
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

/** Nobody knows a team in which they have no role, or one that was deleted. */
export function checkTeam(
  { teams }: World,
  { grants = [], organisationId }: Principal,
  { teamId, ...place }: Place,
): void {
  if (teamId === undefined) return;
  const isGone = !teams.some(({ id }) => id === teamId);
  if (isGone || place.organisationId !== organisationId || !knowsTeam(grants, { organisationId, teamId }))
    throw causewayError('TEAM_UNKNOWN', { teamId });
}

/** Nobody gives or takes away more than they have there. */
export function checkMayGive(principal: Principal, wanted: readonly Permission[], place: Place): void {
  if (mayGive(principal, wanted, place) !== 'ok')
    throw causewayError('ROLE_TOO_WIDE', { role: '', permission: '' });
}

/** A check that follows what the route itself demands. */
export function atPlace(principal: Principal, act: Permission, check: () => void): Verdict {
  return refusalAnywhere(principal, act) ?? verdictOf(check);
}

/** How the query of a request names it. */
export function queryOf({ level, objectId, teamId }: Named): string {
  if (level === 'organisation') return '';
  if (level === 'team') return `team_id=${objectId}`;
  return `team_id=${teamId}&${level}_id=${objectId}`;
}

/** Where a role holds, as auth is told for a request of somebody: the project of a flow only for who may read the flow. */
export function knownPlaceOf(principal: Principal, world: World, binding: Binding): Place {
  const place = placeOfBinding(world, binding);
  const { teamId = '', projectId = '', flowId = '' } = place;
  const reach = reachOf(principalAt(principal, { teamId }), ['flow:read']);
  return isWithin(reach, { projectId, flowId }) ? place : withoutProject(place);
}

/** Where a role holds, as auth stores it: it does not know in which project a flow is. */
export function withoutProject(place: Place): Place {
  const { projectId: _project, ...rest } = place;
  return place.flowId === undefined ? place : rest;
}

/** Where a role holds, with the project of a flow. */
export function placeOfBinding(world: World, { organisationId, level, objectId, teamId }: Binding): Place {
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
