import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { chatText } from '../support/api.js';
import { chatFlow, memoryFlow } from '../support/flows.js';
import type { Stack } from '../support/stack.js';

interface Message {
  readonly id: string;
  readonly sender: string;
  readonly text: string;
  readonly session_id: string;
}

/** Chat memory, by session. */
export function conversationStories({ api }: Stack): void {
  const messages = (session: string): Promise<Message[]> =>
    api.ask('GET', `/api/v1/monitor/messages?session_id=${encodeURIComponent(session)}`);

  describe('a session', () => {
    test('remembers its own messages, and none of another session', async () => {
      const { id } = await api.importFlow(memoryFlow());
      const [mine, yours] = [randomUUID(), randomUUID()];
      await api.run(id, { input_value: 'I am Ada', session_id: mine });
      await api.run(id, { input_value: 'I am Bob', session_id: yours });
      const said = chatText(await api.run(id, { input_value: 'who am I?', session_id: mine }));
      expect(said).toContain('User: I am Ada');
      expect(said).toContain('Now: who am I?');
      expect(said).not.toContain('Bob');
    });

    test('is listed with its messages, in their order', async () => {
      const { id } = await api.importFlow(chatFlow());
      const session = randomUUID();
      for (const text of ['one', 'two']) await api.run(id, { input_value: text, session_id: session });
      expect((await messages(session)).map(({ sender, text }) => `${sender}: ${text}`)).toEqual([
        'User: one',
        'Machine: You said: Answer one',
        'User: two',
        'Machine: You said: Answer two',
      ]);
      expect(await api.ask<string[]>('GET', '/api/v1/monitor/messages/sessions')).toContain(session);
    });

    test('is the flow’s own when a request names none', async () => {
      const { id } = await api.importFlow(chatFlow());
      const answer = (await api.run(id, { input_value: 'x' })).json<{ session_id: string }>();
      expect(answer.session_id).not.toBe('');
      expect(await messages(answer.session_id)).toHaveLength(2);
    });

    test('is deleted together with others', async () => {
      const { id } = await api.importFlow(chatFlow());
      const sessions = [randomUUID(), randomUUID()];
      for (const session_id of sessions) await api.run(id, { input_value: 'x', session_id });
      const body = [...sessions, 'never was'];
      expect(await api.ask('DELETE', '/api/v1/monitor/messages/sessions', { body })).toEqual({
        message: 'Messages deleted successfully for 2 sessions',
        deleted_count: 2,
      });
      expect(await messages(sessions[0] as string)).toEqual([]);
    });

    test('can be renamed and deleted; a message can be changed', async () => {
      const { id } = await api.importFlow(chatFlow());
      const [session, renamed] = [randomUUID(), randomUUID()];
      await api.run(id, { input_value: 'before', session_id: session });
      const [first] = await messages(session);
      await api.ask('PUT', `/api/v1/monitor/messages/${first?.id}`, { body: { text: 'after' } });
      await api.ask('PATCH', `/api/v1/monitor/messages/session/${session}?new_session_id=${renamed}`);
      expect((await messages(renamed)).map(({ text }) => text)).toEqual(['after', 'You said: Answer before']);
      await api.ask('DELETE', `/api/v1/monitor/messages/session/${renamed}`);
      expect(await messages(renamed)).toEqual([]);
    });
  });
}
