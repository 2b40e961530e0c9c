import type { InputOf } from '@causeway/contracts';
import { Database, Handles, SETTINGS } from '#platform';
import { Controller, Inject, Module } from '@nestjs/common';
import type { Settings } from './config.js';
import { forgetFlow, listBookmarks } from './contracts.js';

@Controller()
class BookmarksHandler {
  constructor(
    private readonly database: Database,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Handles(listBookmarks)
  async list({ teamId, userId }: InputOf<typeof listBookmarks>) {
    const { rows } = await this.database.query<{ id: string; flowId: string }>(
      `select id, flow_id as "flowId" from bookmark where team_id = $1 and user_id = $2 order by id limit $3`,
      [teamId, userId, this.settings.maxBookmarks],
      { name: 'bookmark_list' },
    );
    return { items: rows };
  }

  /** Idempotent: what was removed stays removed. */
  @Handles(forgetFlow)
  async forget({ teamId, flowId }: InputOf<typeof forgetFlow>): Promise<void> {
    await this.database.query('delete from bookmark where team_id = $1 and flow_id = $2', [teamId, flowId]);
  }
}

@Module({ controllers: [BookmarksHandler] })
export class AppModule {}
