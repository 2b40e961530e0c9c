import { appendAuditEvents, auditEvent, causewayError } from '@causeway/contracts';
import type {
  AuditEvent,
  ChatMessage,
  InputOf,
  Principal,
  ReplyOf,
  deleteMessages,
  renameSession,
  updateMessage,
} from '@causeway/contracts';
import { Database, OutboxRelay, insertOutbox, newId, outboxRow } from '@causeway/platform';
import type { Queryable } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { chatMessage } from '../domain/chats/chat-message.js';
import type { MessageBody, MessageColumns } from '../domain/chats/chat-message.js';
import { reachValues, withinSql } from '../store/within.js';
import { columnText } from '../domain/journal/column-text.js';

const columns = 'id, flow_id, run_id, at, seq, body';

/** Changes to chat memory by callers of the API, within what they may change; each writes an audit event in the same transaction. */
@Injectable()
export class ChatEditing {
  constructor(
    private readonly database: Database,
    private readonly relay: OutboxRelay,
  ) {}

  /** @throws CausewayError MESSAGE_UNKNOWN */
  async update(input: InputOf<typeof updateMessage>): Promise<ChatMessage> {
    const { principal, requestId, messageId } = input;
    return this.audited(principal, requestId, async (transaction) => {
      const { rows } = await transaction.query<MessageColumns>(
        `SELECT ${columns} FROM message WHERE id = $1 AND team_id = $2 AND ${withinSql(3)} FOR UPDATE`,
        [messageId, principal.teamId, ...reachValues(input.reach)],
      );
      const [row] = rows;
      if (!row) throw causewayError('MESSAGE_UNKNOWN', { messageId });
      const body: MessageBody = {
        ...(JSON.parse(row.body) as MessageBody),
        edit: true,
        ...(input.text === undefined ? {} : { text: input.text }),
        ...(input.sender === undefined ? {} : { sender: input.sender }),
        ...(input.senderName === undefined ? {} : { senderName: input.senderName }),
        ...(input.properties === undefined
          ? {}
          : { properties: input.properties as MessageBody['properties'] }),
      };
      const text = JSON.stringify(body);
      await transaction.query('UPDATE message SET body = $2, sender = $3, sender_name = $4 WHERE id = $1', [
        messageId,
        text,
        columnText(body.sender),
        columnText(body.senderName),
      ]);
      const fields = ['text', 'sender', 'senderName', 'properties'].filter((name) =>
        Object.hasOwn(input, name),
      );
      const result = chatMessage({ ...row, body: text });
      return {
        result,
        act: { action: 'message.update', object: { type: 'message', id: messageId }, detail: { fields } },
      };
    });
  }

  /** @throws CausewayError SESSION_UNKNOWN */
  async rename(input: InputOf<typeof renameSession>): Promise<ChatMessage[]> {
    const { principal, requestId, sessionId, newSessionId } = input;
    return this.audited(principal, requestId, async (transaction) => {
      const { rows } = await transaction.query<MessageColumns>(
        `SELECT ${columns} FROM message WHERE team_id = $1 AND session_id = $2 AND ${withinSql(3)} ORDER BY at, seq, id FOR UPDATE`,
        [principal.teamId, columnText(sessionId), ...reachValues(input.reach)],
      );
      if (rows.length === 0) throw causewayError('SESSION_UNKNOWN', { sessionId });
      const renamed = rows.map((row) => {
        const body = { ...(JSON.parse(row.body) as MessageBody), sessionId: newSessionId };
        return { ...row, body: JSON.stringify(body) };
      });
      await transaction.query(
        `UPDATE message m SET session_id = $1, body = t.body FROM unnest($2::uuid[], $3::text[]) AS t(id, body) WHERE m.id = t.id`,
        [columnText(newSessionId), renamed.map((row) => row.id), renamed.map((row) => row.body)],
      );
      const object = { type: 'session', id: columnText(sessionId) };
      const detail = { to: newSessionId, messages: renamed.length };
      return { result: renamed.map(chatMessage), act: { action: 'session.rename', object, detail } };
    });
  }

  /** Deletes messages by ids, by sessions, or those that match both when both are given. @returns how many */
  async delete(input: InputOf<typeof deleteMessages>): Promise<ReplyOf<typeof deleteMessages>> {
    const { principal, requestId, messageIds } = input;
    const sessionIds = input.sessionId === undefined ? input.sessionIds : [input.sessionId];
    if (messageIds === undefined && sessionIds === undefined)
      throw causewayError('REQUEST_INVALID', { problems: 'give messageIds, sessions, or both' });
    return this.audited(principal, requestId, async (transaction) => {
      const { rows } = await transaction.query<{ deleted: number; sessions: number }>(
        `WITH gone AS (
           DELETE FROM message WHERE team_id = $1 AND ($2::uuid[] IS NULL OR id = ANY($2)) AND ($3::text[] IS NULL OR session_id = ANY($3))
             AND ${withinSql(4)}
           RETURNING session_id
         ) SELECT count(*)::int AS deleted, count(DISTINCT session_id)::int AS sessions FROM gone`,
        [
          principal.teamId,
          messageIds ?? null,
          sessionIds?.map((id) => columnText(id)) ?? null,
          ...reachValues(input.reach),
        ],
      );
      const { deleted = 0, sessions = 0 } = rows[0] ?? {};
      const object =
        sessionIds === undefined
          ? { type: 'message', id: theOne(messageIds) }
          : { type: 'session', id: columnText(theOne(sessionIds)) };
      const detail = { deleted, sessions };
      return { result: { deleted, sessions }, act: { action: 'message.delete', object, detail } };
    });
  }

  private async audited<T>(
    principal: Principal,
    requestId: string,
    change: (
      transaction: Queryable,
    ) => Promise<{ result: T; act: Pick<AuditEvent, 'action' | 'object' | 'detail'> }>,
  ): Promise<T> {
    const changed = await this.database.transaction(async (transaction) => {
      const { result, act } = await change(transaction);
      const event = auditEvent({
        ...act,
        id: newId(),
        at: new Date(),
        tenant: principal,
        actor: principal,
        requestId,
      });
      await insertOutbox(transaction, [outboxRow(appendAuditEvents, event, principal, event.id)]);
      return result;
    });
    this.relay.wake();
    return changed;
  }
}

function theOne(ids: readonly string[] = []): string {
  return ids.length === 1 ? (ids[0] as string) : 'several';
}
