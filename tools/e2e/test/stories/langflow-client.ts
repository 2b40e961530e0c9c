import { LangflowClient } from '@datastax/langflow-client';
import { describe, expect, test } from 'vitest';
import { chatFlow } from '../support/flows.js';
import type { Stack } from '../support/stack.js';

/** Langflow's own client for JavaScript, from npm, unchanged. */
export function langflowClientStories({ api, causeway, provider }: Stack): void {
  describe('@datastax/langflow-client', () => {
    const client = new LangflowClient({ baseUrl: causeway.url, apiKey: causeway.apiKey });
    const importChat = async () => client.flow((await api.importFlow(chatFlow())).id);

    test('runs a flow and finds the text of its answer', async () => {
      const response = await (await importChat()).run('hello there');
      expect(response.chatOutputText()).toBe('You said: Answer hello there');
      expect(response.sessionId).not.toBe('');
    });

    test('keeps the session that it names', async () => {
      const response = await (await importChat()).run('hello', { session_id: 'client-session' });
      expect(response.sessionId).toBe('client-session');
    });

    test('changes a field by a tweak', async () => {
      const flow = (await importChat()).tweak('Prompt-2', { template: 'Translate {question}' });
      expect((await flow.run('bonjour')).chatOutputText()).toBe('You said: Translate bonjour');
    });

    test('streams messages, tokens and the end', async () => {
      provider.setScript({ rules: [{ reply: { chunks: ['one ', 'two ', 'three'], chunkDelayMs: 20 } }] });
      const events = [];
      for await (const event of await (await importChat()).stream('count')) events.push(event);
      provider.setScript({ rules: [] });

      const kinds = events.map(({ event }) => event);
      expect(kinds[0]).toBe('add_message');
      expect(kinds.at(-1)).toBe('end');
      const tokens = events.filter((event) => event.event === 'token').map(({ data }) => data.chunk);
      expect(tokens.join('')).toBe('one two three');
      const end = events.at(-1);
      if (end?.event !== 'end') throw new Error('no end');
      expect(end.data.result.outputs).toHaveLength(1);
    });

    test('uploads a file for a flow', async () => {
      const flow = await importChat();
      const { flowId, filePath } = await flow.uploadFile(new File(['some text'], 'notes.txt'));
      expect(flowId).toBe(flow.id);
      expect(filePath).toMatch(new RegExp(`^${flow.id}/.*notes\\.txt$`));
    });

    test('uploads a file of the user and lists it', async () => {
      const file = await client.files.upload(new File(['a,b\n1,2\n'], 'table.csv'));
      expect(file).toMatchObject({ name: 'table', size: 8 });
      const listed = (await client.files.list()).find(({ id }) => id === file.id);
      expect(listed).toMatchObject({ path: file.path, size: 8 });
      expect(listed?.created_at).toBeInstanceOf(Date);
    });

    test('throws a refusal as an error with its status', async () => {
      const wrong = new LangflowClient({ baseUrl: causeway.url, apiKey: 'wrong' });
      await expect(wrong.flow('any').run('hello')).rejects.toThrow(/^403 - /);
      await expect(client.flow('no-such-flow').run('hello')).rejects.toThrow(/^404 - /);
    });
  });
}
