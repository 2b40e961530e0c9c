import {
  deleteMessages,
  listMessages,
  listSessions,
  renameSession,
  updateMessage,
} from '@causeway/contracts';
import { aFlow, waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { anEnvelope, tenant } from './an-envelope.js';
import { spec } from './flows.js';
import { surroundings } from './surroundings.js';

const world = await surroundings();
await world.startExecutor();

describe('chat memory', () => {
  const remembering = aFlow()
    .chatInput()
    .prompt('{question} after {history}')
    .chatOutput()
    .node(spec('Memory'), { id: 'Memory-9' })
    .edge('Memory-9', 'messages_text', 'Prompt-2', 'history')
    .build();
  const say = async (inputValue: string, sessionId: string, flow = remembering) =>
    (await world.answer((await world.ring(flow, { inputValue, sessionId })).runId)).outputs[0]?.outputs[0]
      ?.outputs.message.message;

  test('keeps a session of a flow across runs', async () => {
    const first = await say('one', 'a');
    expect(first).toMatch(/^one after (User: one)?$/);
    expect(await say('two', 'a')).toContain(`User: one\nAI: ${first}`);
    expect(await say('three', 'b')).not.toContain('one');
    const other = { ...remembering, id: '00000000-0000-4000-8000-00000000f10f' };
    expect(await say('four', 'a', other)).not.toContain('one');
  });

  test('of visitors of a public page is not that of the team, and each has a session of its own', async () => {
    const flow = { ...remembering, id: '00000000-0000-4000-8000-00000000f20f' };
    const visit = async (inputValue: string, session: { sessionId?: string } = {}) => {
      const { runId } = await world.ring(flow, { inputValue, ...session }, { isPublic: true });
      const { session_id: sessionId, outputs } = await world.answer(runId);
      return { runId, sessionId, text: outputs[0]?.outputs[0]?.outputs.message.message };
    };
    const byTeam = await world.ring(flow, { inputValue: 'secret of the team' });
    expect((await world.answer(byTeam.runId)).session_id).toBe(byTeam.flowId);
    const first = await visit('I am the first');
    expect(first.sessionId).toBe(first.runId);
    expect((await visit('I am the second')).text).not.toContain('first');
    // Who names the session that the team has by default does not get into it.
    expect((await visit('let me in', { sessionId: byTeam.flowId })).text).not.toContain('secret');
    // A page that names the session of its visitor goes on with it.
    expect((await visit('and now', { sessionId: first.sessionId })).text).toContain('I am the first');
  });

  test('is listed, corrected, moved and deleted, and audited', async () => {
    await say('hello', 'to edit');
    const page = { limit: 1 };
    const first = await world.bus.request(listMessages, { ...tenant, page, sessionId: 'to edit' });
    expect(first.items).toMatchObject([{ text: 'hello', sender: 'User', edit: false }]);
    const rest = await world.bus.request(listMessages, {
      ...tenant,
      page: { limit: 10, after: first.next },
      sessionId: 'to edit',
    });
    expect(rest.items).toMatchObject([{ sender: 'Machine' }]);
    expect(rest.next).toBeUndefined();

    const { principal } = anEnvelope();
    const act = { principal, requestId: 'r' };
    const messageId = first.items[0]?.id as string;
    const changed = await world.bus.request(updateMessage, { ...act, messageId, text: 'hello \0' });
    expect(changed).toMatchObject({ id: messageId, text: 'hello \0', edit: true });
    const moved = await world.bus.request(renameSession, {
      ...act,
      sessionId: 'to edit',
      newSessionId: 'edited',
    });
    expect(moved.items).toHaveLength(2);
    const sessions = await world.bus.request(listSessions, { ...tenant, flowId: remembering.id });
    expect(sessions.sessionIds).toContain('edited');
    expect(sessions.sessionIds).not.toContain('to edit');
    expect(await world.bus.request(deleteMessages, { ...act, sessionId: 'edited' })).toEqual({
      deleted: 2,
      sessions: 1,
    });
    await expect(world.bus.request(updateMessage, { ...act, messageId, text: '' })).rejects.toMatchObject({
      code: 'MESSAGE_UNKNOWN',
    });
    const done = () => world.audit.filter((event) => event.requestId === 'r').map((event) => event.action);
    await waitFor(() => done().length === 3);
    expect(done().toSorted()).toEqual(['message.delete', 'message.update', 'session.rename']);
  });

  test('of several sessions is deleted at once', async () => {
    for (const session of ['go 1', 'go 2', 'stay']) await say('hello', session);
    const { principal } = anEnvelope();
    const bulk = { principal, requestId: 'bulk', sessionIds: ['go 1', 'go 2', 'never was'] };
    expect(await world.bus.request(deleteMessages, bulk)).toEqual({ deleted: 4, sessions: 2 });
    expect(await world.bus.request(deleteMessages, bulk)).toEqual({ deleted: 0, sessions: 0 });
    const { sessionIds } = await world.bus.request(listSessions, { ...tenant, flowId: remembering.id });
    expect(sessionIds).toContain('stay');
    const ask = { ...tenant, flowId: remembering.id };
    const parts = await Promise.all(
      sessionIds.map((_id, offset) => world.bus.request(listSessions, { ...ask, limit: 1, offset })),
    );
    expect(parts.flatMap((part) => part.sessionIds)).toEqual(sessionIds);
    expect(sessionIds).not.toContain('go 1');
    const told = () => world.audit.filter((event) => event.requestId === 'bulk');
    await waitFor(() => told().length === 2);
    expect(told()[0]).toMatchObject({
      action: 'message.delete',
      object: { type: 'session', id: 'several' },
      detail: { deleted: 4, sessions: 2 },
    });
  });

  test('is listed in pages that fit a reply, however long its messages are', async () => {
    const long = 'x'.repeat(200_000);
    const echo = aFlow().chatInput().chatOutput().build();
    for (const n of [1, 2, 3, 4]) {
      const { runId } = await world.ring(echo, { inputValue: `${n} ${long}`, sessionId: 'long' });
      await world.ended(runId);
    }
    const found: string[] = [];
    let after: string | undefined;
    do {
      const page = { limit: 500, ...(after !== undefined && { after }) };
      const listed = await world.bus.request(listMessages, { ...tenant, page, sessionId: 'long' });
      found.push(
        ...listed.items.filter(({ sender }) => sender === 'User').map(({ text }) => text.slice(0, 1)),
      );
      after = listed.next;
    } while (after !== undefined);
    expect(found).toEqual(['1', '2', '3', '4']);
  });
});
