import { randomUUID } from 'node:crypto';
import type { OwnedObject, Place } from '@causeway/authz';
import { type Level, type Permission, permissions } from '@causeway/contracts';
import { newApiKey } from '@causeway/platform';
import type { Api } from '../support/api.js';
import { echoFlow } from '../support/flows.js';
import { foreignOwner } from '../support/foreign-organisation.js';
import type { Stack } from '../support/stack.js';
import type { Access, Binding, Key, Person } from './access-model.js';

export interface Team {
  readonly id: string;
  readonly organisationId: string;
  readonly name: string;
}
export interface Project {
  readonly id: string;
  readonly team: Team;
}
/** A flow; what was changed is another object of its id. */
export interface Flow {
  readonly id: string;
  readonly name: string;
  readonly team: Team;
  readonly projectId: string;
  /** Ids of the teams from which it was moved: their audit logs name it. */
  readonly formerTeamIds: readonly string[];
}
export interface Run {
  readonly id: string;
  readonly flowId: string;
  readonly team: Team;
  /** The project in which the flow was when it was submitted. */
  readonly projectId: string;
  /** Who started it. */
  readonly principalId: string;
}
/** A file of a team, and who uploaded it. */
export interface StoredFile {
  readonly id: string;
  readonly uploaderId: string;
  readonly team: Team;
}

/** Numbers in [0, 1) that a seed decides. */
export type Random = () => number;

/** The organisations of one test with what is in them, as the test knows it. */
export interface World {
  readonly organisationIds: readonly string[];
  teams: Team[];
  projects: Project[];
  flows: Flow[];
  runs: Run[];
  files: StoredFile[];
  people: Person[];
  /** The last teams and people that were deleted: nobody knows them any more. */
  goneTeams: Team[];
  gonePeople: Person[];
  /** The gateway with each key, by the key's id. */
  readonly apis: Map<string, Api>;
  access: Access;
}

/** A flow as libs/authz knows it. */
export function flowObject({ id, team, projectId }: Flow): OwnedObject {
  return { type: 'flow', id, projectId, organisationId: team.organisationId, teamId: team.id };
}

/** A run as libs/authz knows it. */
export function runObject({ id, flowId, projectId, principalId, team }: Run): OwnedObject {
  const { organisationId, id: teamId } = team;
  return { type: 'run', id, flowId, projectId, principalId, organisationId, teamId };
}

/** The place where something is. */
export function placeOf(thing: Team | Project | Flow): Place {
  if ('organisationId' in thing) return { organisationId: thing.organisationId, teamId: thing.id };
  const { id, team } = thing;
  const around = { organisationId: team.organisationId, teamId: team.id };
  return 'projectId' in thing
    ? { ...around, projectId: thing.projectId, flowId: id }
    : { ...around, projectId: id };
}

const OWN_ROLES: readonly (readonly Permission[])[] = [
  ['flow:run', 'run:cancel'],
  ['flow:write', 'project:read'],
  ['flow:publish', 'message:read', 'member:read'],
  ['member:write', 'member:read', 'flow:read', 'flow:run', 'run:read', 'key:write'],
];
/** As `foreignOwner` calls it. */
const FIRST_TEAM = 'Theirs';
const BUILT_IN = ['viewer', 'runner', 'editor', 'publisher', 'admin'];

/** Makes two organisations with three teams each, of which the last is small; in each team projects, flows, people and programs with roles that the numbers decide. */
export async function makeWorld(stack: Stack, random: Random): Promise<World> {
  const world: World = {
    organisationIds: [],
    teams: [],
    projects: [],
    flows: [],
    runs: [],
    files: [],
    people: [],
    goneTeams: [],
    gonePeople: [],
    apis: new Map(),
    access: { bindings: [], groups: new Map(), roles: new Map(), keys: [], ended: new Set() },
  };
  for (let organisation = 0; organisation < 2; organisation++)
    await new Builder(stack, random, world).makeOrganisation();
  return world;
}

class Builder {
  private readonly bindings: Binding[] = [];

  constructor(
    private readonly stack: Stack,
    private readonly random: Random,
    private readonly world: World,
  ) {}

  async makeOrganisation(): Promise<void> {
    const { world } = this;
    const owner = await foreignOwner(this.stack);
    const self = await owner.ask<{ subject: { id: string } }>('GET', '/api/platform/v1/self');
    const [row] = await this.stack.sql<{ organisationId: string; teamId: string; keyId: string }>(
      `select u.organisation_id as "organisationId", u.team_id as "teamId", k.id as "keyId"
       from auth."user" u join auth.api_key k on k.user_id = u.id where u.id = $1`,
      [self.subject.id],
    );
    if (!row) throw new Error('the owner of the new organisation has no row');
    const { organisationId } = row;
    (world.organisationIds as string[]).push(organisationId);
    const founder: Person = { kind: 'user', id: self.subject.id, organisationId, teamId: row.teamId };
    world.people.push(founder);
    this.keepKey({ id: row.keyId, holder: founder, teamId: row.teamId, permissions }, owner);
    this.bindings.push({
      id: 'the founder’s',
      organisationId,
      subjectId: founder.id,
      role: 'owner',
      level: 'organisation',
      objectId: organisationId,
    });
    await this.makeRoles(owner, organisationId);
    const teams: Team[] = [{ id: row.teamId, organisationId, name: FIRST_TEAM }];
    for (let at = 0; at < 2; at++) {
      const body = { name: `Further ${randomUUID()}` };
      const { id } = await owner.ask<{ id: string }>('POST', '/api/platform/v1/teams', { body });
      teams.push({ id, organisationId, ...body });
    }
    world.teams.push(...teams);
    for (const team of teams) await this.fill(team, founder, team === teams.at(-1) ? 1 : 2);
    await this.makePeople(teams);
    await this.giveRoles(owner, organisationId);
    await this.share(owner, teams);
    world.access = { ...world.access, bindings: [...world.access.bindings, ...this.bindings] };
  }

  /** So many projects with as many flows each, each flow with a run. */
  private async fill(team: Team, founder: Person, size: number): Promise<void> {
    const api = await this.makeKey(founder, team.id, permissions);
    for (let at = 0; at < size; at++) {
      const { id: projectId } = await api.ask<{ id: string }>('POST', '/api/v1/projects', {
        body: { name: `Project ${at}` },
      });
      this.world.projects.push({ id: projectId, team });
      for (let n = 0; n < size; n++) {
        const { data, name } = echoFlow(`Of ${randomUUID()}`);
        const { id } = await api.ask<{ id: string }>('POST', '/api/v1/flows', {
          body: { name, data, folder_id: projectId },
        });
        this.world.flows.push({ id, name, team, projectId, formerTeamIds: [] });
        const { runId = '' } = await api.run(id, { input_value: 'x' });
        this.world.runs.push({ id: runId, flowId: id, team, projectId, principalId: founder.id });
      }
    }
  }

  private async makeRoles(owner: Api, organisationId: string): Promise<void> {
    const roles = new Map(this.world.access.roles);
    for (const [at, allowed] of OWN_ROLES.entries()) {
      await owner.ask('PUT', `/api/platform/v1/roles/own ${at}`, { body: { permissions: allowed } });
      roles.set(`${organisationId} own ${at}`, allowed);
    }
    this.world.access = { ...this.world.access, roles };
  }

  /** No route makes a user without an invitation or an identity provider, so their rows are written into the store. */
  private async makePeople(teams: readonly Team[]): Promise<void> {
    const { world, random } = this;
    for (const team of [...teams, ...teams.slice(0, 2)]) {
      const { id: teamId, organisationId } = team;
      for (const kind of ['user', 'service_account'] as const) {
        const person: Person = { kind, id: randomUUID(), organisationId, teamId };
        const table = kind === 'user' ? 'auth."user"' : 'auth.service_account';
        await this.stack.sql(
          `insert into ${table} (id, organisation_id, team_id, name, created_at) values ($1, $2, $3, $4, now() - interval '1 day')`,
          [person.id, organisationId, teamId, `${kind} ${person.id.slice(0, 4)} ${randomUUID()}`],
        );
        world.people.push(person);
        const narrow = permissions.filter(() => random() < 0.6);
        await this.makeKey(person, teamId, random() < 0.3 ? narrow : permissions);
        const other = teams.find(({ id }) => id !== teamId && random() < 0.7);
        if (kind === 'user' && other) await this.makeKey(person, other.id, permissions);
      }
    }
    const groups = new Map(world.access.groups);
    const { organisationId = '' } = teams[0] ?? {};
    const users = world.people.filter((one) => one.kind === 'user' && one.organisationId === organisationId);
    for (let at = 0; at < 2; at++) {
      const id = randomUUID();
      await this.stack.sql('insert into auth."group" (id, organisation_id, name) values ($1, $2, $3)', [
        id,
        organisationId,
        `Group ${at}`,
      ]);
      const members = users.slice(1).filter(() => random() < 0.4);
      for (const member of members)
        await this.stack.sql('insert into auth.group_member (group_id, user_id) values ($1, $2)', [
          id,
          member.id,
        ]);
      groups.set(id, new Set(members.map((member) => member.id)));
    }
    world.access = { ...world.access, groups };
  }

  private async giveRoles(owner: Api, organisationId: string): Promise<void> {
    const { world, random } = this;
    const pick = <T>(some: readonly T[]): T => some[Math.floor(random() * some.length)] as T;
    const isHere = ({ team }: { team: Team }): boolean => team.organisationId === organisationId;
    const teams = world.teams.filter((team) => team.organisationId === organisationId);
    const people = world.people.filter((one) => one.organisationId === organisationId).slice(1);
    const groups = [...world.access.groups.keys()].slice(-2);
    const subjects = [
      ...people.map((one) => ({ ...one, subject: { kind: one.kind as string, id: one.id } })),
      ...groups.map((id) => ({ kind: 'group', teamId: '', subject: { kind: 'group', id } })),
    ];
    for (const one of subjects)
      for (let more = 0; more < 1 + random() * 2; more++) {
        const role = pick([...BUILT_IN, ...OWN_ROLES.map((_, at) => `own ${at}`)]);
        const isInTeam = (teamId: string): boolean => one.kind !== 'service_account' || teamId === one.teamId;
        const at: { level: Level; objectId: string; teamId?: string } = pick(
          [
            ...world.flows
              .filter(isHere)
              .map(({ id, team }) => ({ level: 'flow' as const, objectId: id, teamId: team.id })),
            ...world.projects.filter(isHere).flatMap(({ id, team }) =>
              Array.from({ length: 2 }, () => ({
                level: 'project' as const,
                objectId: id,
                teamId: team.id,
              })),
            ),
            ...teams.flatMap(({ id }) =>
              Array.from({ length: 2 }, () => ({ level: 'team' as const, objectId: id })),
            ),
            ...(one.kind === 'service_account'
              ? []
              : [{ level: 'organisation' as const, objectId: organisationId }]),
          ].filter(
            (place) =>
              isInTeam('teamId' in place ? place.teamId : place.objectId) || place.level === 'organisation',
          ),
        );
        const { id } = await owner.ask<{ id: string }>('POST', '/api/platform/v1/role-bindings', {
          body: { subject: one.subject, role, ...(at.level === 'organisation' ? { level: at.level } : at) },
        });
        if (this.bindings.some((had) => had.id === id)) continue;
        this.bindings.push({ id, organisationId, subjectId: one.subject.id, role, ...at });
      }
  }

  /** Shares some flows with another team of the organisation. */
  private async share(owner: Api, teams: readonly Team[]): Promise<void> {
    const pick = <T>(some: readonly T[]): T => some[Math.floor(this.random() * some.length)] as T;
    for (const team of [...teams, ...teams]) {
      const flow = pick(this.world.flows.filter((one) => one.team.id === team.id));
      const { id: subjectId } = pick(teams.filter(({ id }) => id !== team.id));
      const role = pick([...BUILT_IN, 'own 0']);
      const at = { level: 'flow', objectId: flow.id, teamId: team.id } as const;
      const { id } = await owner.ask<{ id: string }>('POST', '/api/platform/v1/role-bindings', {
        body: { subject: { kind: 'team', id: subjectId }, role, ...at },
      });
      if (this.bindings.some((had) => had.id === id)) continue;
      this.bindings.push({ id, organisationId: team.organisationId, subjectId, role, ...at });
    }
  }

  private keepKey(key: Key, api: Api): void {
    this.world.access = { ...this.world.access, keys: [...this.world.access.keys, key] };
    this.world.apis.set(key.id, api);
  }

  private async makeKey(holder: Person, teamId: string, allowed: readonly Permission[]): Promise<Api> {
    const { secret, keyHash, masked } = newApiKey();
    const id = randomUUID();
    const column = holder.kind === 'user' ? 'user_id' : 'service_account_id';
    await this.stack.sql(
      `insert into auth.api_key (id, organisation_id, team_id, ${column}, name, key_hash, masked, permissions, created_at)
       values ($1, $2, $3, $4, 'k', $5, $6, $7, now() - interval '1 day')`,
      [id, holder.organisationId, teamId, holder.id, keyHash, masked, [...allowed]],
    );
    const api = this.stack.api.as(secret);
    this.keepKey({ id, holder, teamId, permissions: allowed }, api);
    return api;
  }
}
