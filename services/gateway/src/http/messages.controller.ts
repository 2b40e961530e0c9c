import {
  deleteMessages,
  deleteMessagesRoute,
  deleteSessionRoute,
  deleteSessionsRoute,
  listMessages,
  listMessagesRoute,
  listSessions,
  listSessionsRoute,
  putMessageRoute,
  renameSession,
  renameSessionRoute,
  updateMessage,
  actorOf,
  causewayError,
  tenantOf,
} from '@causeway/contracts';
import type { ChatMessage, RouteInput, RouteReply } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { messageRead } from '../domain/langflow-shapes.js';
import { type Listed, inOrder } from '../domain/message-order.js';
import { type WrittenJson, answerItems } from './answer/answer-json.js';
import { countAnswer } from './answer/count-answer.js';
import type { Call } from './door/call.js';
import { MOST_LISTED_BYTES } from './door/memory.js';
import { Serve } from './door/serve.js';

const PAGE = 500;
/** So many of the newest messages are returned unless the request has a smaller limit. */
const MOST = 10_000;

/** Chat messages and sessions. */
@Controller()
export class MessagesController {
  constructor(private readonly bus: Bus) {}

  /** All of a list is in memory until it is in order, and counts there. */
  @Serve(listMessagesRoute)
  async list({ query }: RouteInput<typeof listMessagesRoute>, call: Call): Promise<WrittenJson> {
    const newest: Listed[] = [];
    let bytes = 0;
    for await (const message of this.newest(call, query)) {
      const read = messageRead(message);
      const json = JSON.stringify(read);
      const more = Buffer.byteLength(json);
      bytes += more;
      if (bytes > MOST_LISTED_BYTES) throw tooLong();
      countAnswer(call, more);
      newest.push({ order: read[query.order_by], json });
    }
    const ascending = inOrder(newest.toReversed());
    return answerItems((query.order === 'ASC' ? ascending : ascending.toReversed()).map(({ json }) => json));
  }

  /** The messages that a query selects, one page in memory at a time. */
  private async *newest(
    call: Call,
    query: RouteInput<typeof listMessagesRoute>['query'],
  ): AsyncGenerator<ChatMessage> {
    const filter = {
      ...tenantOf(call),
      ...(query.flow_id !== undefined && { flowId: query.flow_id }),
      ...(query.session_id !== undefined && { sessionId: query.session_id }),
      ...(query.sender !== undefined && { sender: query.sender }),
      ...(query.sender_name !== undefined && { senderName: query.sender_name }),
    };
    let left = mostOf(query);
    let after: string | undefined;
    do {
      const page = await this.bus.request(listMessages, {
        ...filter,
        order: 'desc',
        page: { limit: Math.min(PAGE, left), ...(after !== undefined && { after }) },
        ...(after === undefined && { offset: query.offset }),
      });
      yield* page.items;
      left -= page.items.length;
      after = page.next;
    } while (after !== undefined && left > 0);
  }

  @Serve(putMessageRoute)
  async put(
    { params, body }: RouteInput<typeof putMessageRoute>,
    call: Call,
  ): Promise<RouteReply<typeof putMessageRoute>> {
    return messageRead(
      await this.bus.request(updateMessage, {
        ...actorOf(call),
        ...params,
        ...(body.text !== undefined && { text: body.text }),
        ...(body.sender !== undefined && { sender: body.sender }),
        ...(body.sender_name !== undefined && { senderName: body.sender_name }),
        ...(body.properties !== undefined && { properties: body.properties }),
      }),
    );
  }

  @Serve(deleteMessagesRoute)
  async delete({ body }: RouteInput<typeof deleteMessagesRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteMessages, { ...actorOf(call), messageIds: body });
  }

  @Serve(listSessionsRoute)
  async sessions({ query }: RouteInput<typeof listSessionsRoute>, call: Call): Promise<string[]> {
    const which = {
      ...tenantOf(call),
      ...(query.flow_id !== undefined && { flowId: query.flow_id }),
      limit: mostOf(query),
      offset: query.offset,
    };
    const { sessionIds } = await this.bus.request(listSessions, which);
    countAnswer(
      call,
      sessionIds.reduce((bytes, id) => bytes + Buffer.byteLength(id), 0),
    );
    return sessionIds;
  }

  @Serve(renameSessionRoute)
  async rename(
    { params, query }: RouteInput<typeof renameSessionRoute>,
    call: Call,
  ): Promise<RouteReply<typeof renameSessionRoute>> {
    const { items } = await this.bus.request(renameSession, {
      ...actorOf(call),
      ...params,
      newSessionId: query.new_session_id,
    });
    return items.map(messageRead);
  }

  @Serve(deleteSessionRoute)
  async deleteSession({ params }: RouteInput<typeof deleteSessionRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteMessages, { ...actorOf(call), ...params });
  }

  @Serve(deleteSessionsRoute)
  async deleteSessions(
    { body }: RouteInput<typeof deleteSessionsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof deleteSessionsRoute>> {
    const { sessions = 0 } = await this.bus.request(deleteMessages, { ...actorOf(call), sessionIds: body });
    if (sessions === 0) return { message: 'No sessions to delete', deleted_count: 0 };
    const what = sessions === 1 ? 'session' : 'sessions';
    return { message: `Messages deleted successfully for ${sessions} ${what}`, deleted_count: sessions };
  }
}

function mostOf({ limit }: { limit: number }): number {
  return limit === 0 ? MOST : Math.min(limit, MOST);
}

function tooLong(): Error {
  return causewayError('PAYLOAD_TOO_LARGE', {
    what: 'The list of messages',
    limitBytes: MOST_LISTED_BYTES,
    limitName: 'of a list: ask for fewer with limit and offset, or for one session',
  });
}
