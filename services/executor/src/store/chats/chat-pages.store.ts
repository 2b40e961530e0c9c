import { parsePageKey, writePageKey } from '@causeway/contracts';
import type { ChatMessage, InputOf, ReplyOf, listMessages, listSessions } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import type { Queryable } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { chatMessage } from '../../domain/chats/chat-message.js';
import type { MessageColumns } from '../../domain/chats/chat-message.js';
import { columnText } from '../../domain/journal/column-text.js';
import { reachValues, withinSql } from '../within.js';

/** A page ends after so many bytes of text, but has at least one message: so its reply fits into one message on the bus. */
const PAGE_BYTES = 512 * 1024;

/** Lists chat messages in pages. */
@Injectable()
export class ChatPages {
  constructor(@Inject(Database) private readonly database: Queryable) {}

  /** A page by time; messages of the same time keep the order in which they were stored. Long ones make it shorter. */
  async list(filter: InputOf<typeof listMessages>): Promise<ReplyOf<typeof listMessages>> {
    const { limit, after } = filter.page;
    const key = after === undefined ? undefined : parsePageKey(after);
    const [sign, order] = filter.order === 'asc' ? ['>', 'ASC'] : ['<', 'DESC'];
    const inOrder = `ORDER BY at ${order}, seq ${order}, id ${order}`;
    // Long messages are left out by their size, before their text is read.
    const { rows } = await this.database.query<MessageColumns & { found: number }>(
      `SELECT id, flow_id, run_id, at, seq, body, found FROM (
         SELECT *, count(*) OVER ()::int AS found,
           sum(octet_length(body)) OVER (${inOrder} ROWS UNBOUNDED PRECEDING) - octet_length(body) AS bytes_before
         FROM (
           SELECT id, flow_id, run_id, at, seq, body FROM message
           WHERE team_id = $1 AND ($2::uuid IS NULL OR flow_id = $2) AND ($3::text IS NULL OR session_id = $3)
             AND ($4::text IS NULL OR sender = $4) AND ($5::text IS NULL OR sender_name = $5)
             AND ($6::timestamptz IS NULL OR (at, seq, id) ${sign} ($6, $7::int, $8::uuid))
             AND ${withinSql(12)}
           ${inOrder} LIMIT $9 OFFSET $10
         ) page
       ) sized WHERE bytes_before < $11 ${inOrder}`,
      [
        filter.teamId,
        filter.flowId ?? null,
        optional(filter.sessionId),
        optional(filter.sender),
        optional(filter.senderName),
        key?.at ?? null,
        key ? (key.seq ?? 0) : null,
        key?.id ?? null,
        limit + 1,
        filter.offset ?? 0,
        PAGE_BYTES,
        ...reachValues(filter.reach),
      ],
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(chatMessage),
      ...(last && last.found > page.length
        ? { next: writePageKey({ at: last.at.toISOString(), seq: last.seq, id: last.id }) }
        : {}),
    };
  }

  /** The sessions that have messages, of one flow or of all, those with the newest message first. */
  async sessions({ teamId, flowId, reach, limit, offset }: InputOf<typeof listSessions>): Promise<string[]> {
    const { rows } = await this.database.query<{ body: string }>(
      `SELECT body FROM (
         SELECT DISTINCT ON (session_id) session_id, at, body FROM message
         WHERE team_id = $1 AND ($2::uuid IS NULL OR flow_id = $2) AND ${withinSql(5)} ORDER BY session_id DESC, at DESC
       ) newest ORDER BY at DESC, session_id DESC LIMIT $3 OFFSET $4`,
      [teamId, flowId ?? null, limit, offset, ...reachValues(reach)],
    );
    return rows.map((row) => (JSON.parse(row.body) as Pick<ChatMessage, 'sessionId'>).sessionId);
  }
}

function optional(text: string | undefined): string | null {
  return text === undefined ? null : columnText(text);
}
