import { authorizeAt, coverAny, holdsSomewhere, knowsTeam } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type {
  InputOf,
  Principal,
  ReplyOf,
  Team,
  createTeam,
  listTeams,
  renameTeam,
} from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import type { Writes } from '../store/tables.js';
import { TeamStore } from '../store/team.store.js';
import { accessEvent } from './access-event.js';
import { Changing } from './changing.js';

/** Makes and renames teams. */
@Injectable()
export class Teams {
  constructor(
    private readonly changing: Changing,
    private readonly teams: TeamStore,
  ) {}

  async list({ principal, all, page }: InputOf<typeof listTeams>): Promise<ReplyOf<typeof listTeams>> {
    const fresh = await this.changing.fresh(principal);
    const { organisationId, grants = [] } = fresh;
    const permission = 'member:write';
    if (all && !holdsSomewhere(fresh, permission)) throw causewayError('PERMISSION_DENIED', { permission });
    if (all) return this.teams.list(organisationId, undefined, page);
    const reading = grants.filter(({ permissions }) => permissions.includes('member:read'));
    const isEverywhere = coverAny(reading, { organisationId });
    const ids = reading.filter(({ level }) => level === 'team').map(({ objectId }) => objectId);
    return this.teams.list(organisationId, isEverywhere ? undefined : ids, page);
  }

  create(input: InputOf<typeof createTeam>): Promise<Team> {
    return this.changing.change(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      authorizeAt(actor.principal, 'organisation:write', { organisationId });
      const team = await this.teams.insert(writes, organisationId, input.name);
      return { result: team, events: [accessEvent(actor, 'team.create', objectOf(team), {}, team.id)] };
    });
  }

  rename(input: InputOf<typeof renameTeam>): Promise<Team> {
    return this.changing.change(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      const former = await this.visible(actor.principal, input.teamId, writes);
      authorizeAt(actor.principal, 'organisation:write', { organisationId });
      if (former.name === input.name) return { result: former, events: [] };
      const team = await this.teams.rename(writes, organisationId, former.id, input.name);
      const detail = { formerName: former.name };
      return { result: team, events: [accessEvent(actor, 'team.update', objectOf(team), detail, team.id)] };
    });
  }

  /** A team in which, or in something of which, the caller has a role. @throws CausewayError TEAM_UNKNOWN */
  async visible(principal: Principal, teamId: string, reads?: Writes): Promise<Team> {
    const team = await this.findVisible(principal, teamId, reads);
    if (!team) throw causewayError('TEAM_UNKNOWN', { teamId });
    return team;
  }

  /** The same; undefined when the caller has no role there. */
  async findVisible(
    { organisationId, grants = [] }: Principal,
    teamId: string,
    reads?: Writes,
  ): Promise<Team | undefined> {
    const isKnown = knowsTeam(grants, { organisationId, teamId });
    return isKnown ? this.teams.find(organisationId, teamId, reads) : undefined;
  }
}

function objectOf({ id, name }: Team) {
  return { type: 'team', id, name };
}
