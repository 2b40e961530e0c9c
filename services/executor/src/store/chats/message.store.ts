import type { ChatHistory, StoredMessage } from '@causeway/components/runtime';
import type { Tenant } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import type { Queryable } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { columnText } from '../../domain/journal/column-text.js';

/** Reads chat messages while a run goes on. */
@Injectable()
export class MessageStore {
  constructor(@Inject(Database) private readonly database: Queryable) {}

  /** The newest messages of a session of one flow, oldest first; errors are shown to people only. */
  async history(
    flow: Tenant & { readonly flowId: string },
    filter: Parameters<ChatHistory['list']>[0],
  ): Promise<StoredMessage[]> {
    const { rows } = await this.database.query<{ body: string }>(
      `SELECT body FROM message
       WHERE team_id = $1 AND flow_id = $2 AND session_id = $3 AND NOT error
         AND ($4::text IS NULL OR context_id = $4) AND ($5::text IS NULL OR sender = $5)
         AND ($6::text IS NULL OR sender_name = $6)
       ORDER BY at DESC, seq DESC, id DESC LIMIT $7`,
      [
        flow.teamId,
        flow.flowId,
        columnText(filter.sessionId),
        optional(filter.contextId),
        optional(filter.sender),
        optional(filter.senderName),
        filter.limit,
      ],
      { name: 'message-history' },
    );
    return rows.map((row) => JSON.parse(row.body) as StoredMessage).reverse();
  }
}

function optional(text: string | undefined): string | null {
  return text === undefined ? null : columnText(text);
}
