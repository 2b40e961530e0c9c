import { json } from 'node:stream/consumers';
import { listMessagesRoute } from '@causeway/contracts';
import type { ChatMessage, InputOf, RouteInput, listMessages } from '@causeway/contracts';
import { expect, it } from 'vitest';
import type { Call } from '../src/http/door/call.js';
import { MessagesController } from '../src/http/messages.controller.js';

const call = {
  tenant: { organisationId: 'o', teamId: 't' },
  route: listMessagesRoute,
  memory: { answer: { add: () => undefined }, end: () => undefined },
} as unknown as Call;
const listed = (query: object): RouteInput<typeof listMessagesRoute> => ({
  params: undefined,
  query: listMessagesRoute.query!.parse(query),
  body: undefined,
});

/** Lists `count` messages that an executor has; the later its number, the later a message. */
async function list(count: number, query: object, padding = ''): Promise<string[]> {
  const texts = Array.from({ length: count }, (_, n) => String(n));
  const bus = {
    request: async (_question: unknown, { order, page, offset }: InputOf<typeof listMessages>) => {
      const ordered = order === 'asc' ? texts : texts.toReversed();
      const start = Number(page.after ?? offset ?? 0);
      const end = start + page.limit;
      const items = ordered
        .slice(start, end)
        .map(
          (text) => ({ text, at: new Date(Number(text)).toISOString(), category: padding }) as ChatMessage,
        );
      return { items, ...(end < count && { next: String(end) }) };
    },
  };
  const answer = await new MessagesController(bus as never).list(listed(query), call);
  return ((await json(answer.getStream())) as { text: string }[]).map(({ text }) => text);
}

it('returns the newest messages when there are too many, oldest first', async () => {
  const texts = await list(10_700, {});
  expect([texts.length, texts[0], texts.at(-1)]).toEqual([10_000, '700', '10699']);
});

it('orders messages by the requested column, and refuses one that does not exist', async () => {
  expect(await list(12, { order_by: 'timestamp' })).toEqual(Array.from({ length: 12 }, (_, n) => String(n)));
  expect((await list(12, { order_by: 'text' })).slice(0, 4)).toEqual(['0', '1', '10', '11']);
  expect(() => listed({ order_by: 'password' })).toThrow(/timestamp/);
});

it('returns a part of the newest messages, in the requested order', async () => {
  expect(await list(12, { limit: '3' })).toEqual(['9', '10', '11']);
  expect(await list(12, { limit: '3', offset: '2', order: 'desc' })).toEqual(['9', '8', '7']);
  expect(await list(12, { limit: '0', offset: '10' })).toEqual(['0', '1']);
  expect(await list(1_200, { limit: '700', offset: '100' })).toHaveLength(700);
  expect(await list(12, { limit: '5000000000', order: 'DESC', order_by: 'text' })).toHaveLength(12);
  expect(() => listed({ order: 'sideways' })).toThrow(/ASC/);
  for (const query of [{ limit: '-1' }, { offset: '-1' }, { offset: 'x' }])
    expect(() => listed(query)).toThrow();
});

it('refuses a list that is too large to sort, and says how to request less', async () => {
  const padding = 'x'.repeat(100_000);
  await expect(list(400, {}, padding)).rejects.toThrow(/ask for fewer with limit and offset/);
  expect(await list(400, { limit: '300' }, padding)).toHaveLength(300);
});
