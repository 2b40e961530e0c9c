import { endTeamRuns } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { EndedTeams } from '../operations/ended-teams.js';

/** Takes reports about teams. */
@Controller()
export class TeamsHandler {
  constructor(private readonly ended: EndedTeams) {}

  @Handles(endTeamRuns)
  async end({ items }: InputOf<typeof endTeamRuns>): Promise<ReplyOf<typeof endTeamRuns>> {
    await this.ended.end(items.map(({ payload }) => payload));
    return { confirmed: items.map(({ id }) => id) };
  }
}
