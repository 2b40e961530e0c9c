import { countTeam, endTeamObjects } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Deleting } from '../changes/deleting.js';
import { TeamStore } from '../store/team.store.js';

/** Requests about everything that a team has. */
@Controller()
export class TeamsHandler {
  constructor(
    private readonly teams: TeamStore,
    private readonly deleting: Deleting,
  ) {}

  @Handles(countTeam)
  count(input: InputOf<typeof countTeam>): Promise<ReplyOf<typeof countTeam>> {
    return this.teams.count(input);
  }

  /** Idempotent: what was deleted is not deleted again. */
  @Handles(endTeamObjects)
  async end({ items }: InputOf<typeof endTeamObjects>): Promise<ReplyOf<typeof endTeamObjects>> {
    for (const { payload } of items) await this.deleting.endTeam(payload);
    return { confirmed: items.map(({ id }) => id) };
  }
}
