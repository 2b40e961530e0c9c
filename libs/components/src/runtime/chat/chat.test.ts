import type { JsonObject } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { dataOf, messageOf, tableOf } from '../../coerce/value.js';
import type { MessageValue } from '../../specs/values.js';
import { testComponent, testMessage, testNow, testSession } from '../test-context.js';

/** Members of a message in Langflow 1.13's `add_message`, and of its properties. */
const messageMembers =
  'category content_blocks context_id duration edit error files flow_id id properties run_id sender sender_name session_id session_metadata text timestamp'.split(
    ' ',
  );
const messageProperties =
  'allow_markdown background_color build_duration edited icon positive_feedback source state targets text_color usage'.split(
    ' ',
  );

describe('Chat Input', () => {
  test('gives, stores and shows the message of the request', async () => {
    const run = await testComponent('ChatInput', {
      fields: { input_value: 'Hello', files: ['t/a.txt', ''] },
    });
    const stored = {
      id: 'message:ChatInput-1',
      text: 'Hello',
      sender: 'User',
      senderName: 'User',
      sessionId: testSession,
      contextId: '',
      files: ['t/a.txt'],
      timestamp: testNow,
      error: false,
      category: 'message',
      properties: {},
      contentBlocks: [],
    };
    expect(run.stored).toEqual([stored]);
    expect(run.outputs['message']).toMatchObject({ kind: 'message', text: 'Hello', data: { id: stored.id } });
    expect(run.emitted).toMatchObject([
      {
        event: 'add_message',
        data: {
          id: stored.id,
          text: 'Hello',
          sender_name: 'User',
          session_id: testSession,
          timestamp: '2026-01-31 12:00:00.000000 UTC',
          properties: { state: 'complete' },
        },
      },
    ]);
    const shown = run.emitted[0]?.data as JsonObject;
    const { text_key, data, default_value, ...members } = shown;
    expect({ text_key, data, default_value }).toEqual({ text_key: 'text', data: members, default_value: '' });
    expect(Object.keys(members).toSorted()).toEqual(messageMembers);
    expect(Object.keys(members['properties'] as object).toSorted()).toEqual(messageProperties);
  });

  test('the node’s own session is used, and nothing is stored when the node says so', async () => {
    const run = await testComponent('ChatInput', {
      fields: { input_value: 'x', session_id: 'own', should_store_message: false },
    });
    expect(run.stored).toEqual([]);
    expect(run.outputs['message']).toMatchObject({ sessionId: 'own' });
  });

  test('uploaded files are found at the paths of an export', async () => {
    const run = await testComponent('ChatInput', {
      fields: { input_value: 'x', files: 'shown.png' },
      planFields: { files: { filePath: ['flow/real.png'] } },
    });
    expect(run.outputs['message']).toMatchObject({ files: ['flow/real.png'] });
  });
});

describe('Chat Output', () => {
  const answer = async (input: Parameters<typeof testComponent>[1]): Promise<MessageValue> =>
    (await testComponent('ChatOutput', input)).outputs['message'] as MessageValue;

  test('a Message keeps its members and gets the node’s sender', async () => {
    const input = messageOf('Hi', {
      sender: 'User',
      files: ['f'],
      properties: { usage: { total: 3 } },
      contentBlocks: [{ title: 'Agent Steps' }],
    });
    expect(await answer({ inputs: { input_value: input } })).toMatchObject({
      text: 'Hi',
      sender: 'Machine',
      senderName: 'AI',
      files: ['f'],
      properties: { usage: { total: 3 } },
      contentBlocks: [{ title: 'Agent Steps' }],
    });
  });

  test.each([
    ['a Data as fenced JSON', dataOf({ a: 1 }), '```json\n{\n  "a": 1\n}\n```'],
    ['a Table as markdown', tableOf([{ a: 1 }]), '|   a |\n|----:|\n|   1 |'],
    ['text with blank lines cut', 'a\n\n\n\n\nb', 'a\n\nb'],
    ['a list line by line', [messageOf('a'), messageOf('b')], 'a\nb'],
    [
      'a list inside a plain value',
      { kind: 'plain', value: [messageOf('a'), dataOf({})] },
      'a\n```json\n{}\n```',
    ],
  ] as const)('%s', async (_title, input, text) => {
    expect((await answer({ inputs: { input_value: input as never } })).text).toBe(text);
  });

  test('is stored under the node’s id, so that tokens streamed before belong to it', async () => {
    const run = await testComponent('ChatOutput', { inputs: { input_value: messageOf('x') } });
    expect(run.stored.map(({ id }) => id)).toEqual(['message:ChatOutput-1']);
    expect(run.emitted.map(({ event }) => event)).toEqual(['add_message']);
  });

  test('appearance settings of older flows become properties', async () => {
    const fields = { background_color: 'red', text_color: '', chat_icon: 'Bot' };
    const message = await answer({ fields, inputs: { input_value: 'x' } });
    expect(message.properties).toEqual({ background_color: 'red', icon: 'Bot' });
  });

  test('an input that cannot be shown is named', async () => {
    await expect(answer({})).rejects.toThrow(
      'field input_value needs a Message, Data or Table, but gets nothing',
    );
  });
});

describe('Message History', () => {
  const history = [
    testMessage('one'),
    testMessage('two', { sender: 'Machine', senderName: 'AI' }),
    testMessage('other', { sessionId: 'elsewhere' }),
    testMessage('three', { contextId: 'c' }),
  ];
  const texts = async (fields: Record<string, string | number>): Promise<string> => {
    const { outputs } = await testComponent('Memory', { fields, history, outputs: ['messages_text'] });
    return (outputs['messages_text'] as MessageValue).text;
  };

  test('writes the session’s messages, oldest first', async () => {
    expect(await texts({})).toBe('User: one\nAI: two\nUser: three');
  });

  test('takes the newest n, in either order', async () => {
    expect(await texts({ n_messages: 2 })).toBe('AI: two\nUser: three');
    expect(await texts({ n_messages: 2, order: 'Descending' })).toBe('User: three\nAI: two');
    expect(await texts({ n_messages: 0 })).toBe('');
  });

  test('filters by sender type, name, session and context', async () => {
    expect(await texts({ sender_type: 'Machine' })).toBe('AI: two');
    expect(await texts({ sender: 'User' })).toBe('User: one\nUser: three');
    expect(await texts({ sender: 'Machine and User' })).toBe('User: one\nAI: two\nUser: three');
    expect(await texts({ sender_name: 'AI' })).toBe('AI: two');
    expect(await texts({ session_id: 'elsewhere' })).toBe('User: other');
    expect(await texts({ context_id: 'c' })).toBe('User: three');
  });

  test('the template may name any member', async () => {
    expect(await texts({ n_messages: 1, template: '{timestamp} [{sender}] {text} {nothing}' })).toBe(
      '2026-01-31 12:00:00 UTC [User] three ',
    );
    await expect(texts({ template: '{' })).rejects.toThrow('field template has a single {');
  });

  test('gives a table and a list of Data', async () => {
    const { outputs } = await testComponent('MemoryComponent', {
      history,
      outputs: ['dataframe', 'messages'],
    });
    expect(outputs['dataframe']).toMatchObject({
      kind: 'table',
      rows: [{ text: 'one' }, { text: 'two' }, { text: 'three' }],
    });
    expect(outputs['messages']).toMatchObject({ kind: 'plain', value: [{ kind: 'data' }, {}, {}] });
  });

  test('in Store mode adds the message, and later reads see it', async () => {
    const run = await testComponent('Memory', {
      fields: { mode: 'Store', sender_name: 'Bot' },
      inputs: { message: messageOf('keep', { sender: 'User', files: ['f'] }) },
      outputs: ['stored_messages', 'messages_text'].toReversed(),
    });
    expect(run.stored).toMatchObject([
      { id: 'message:Memory-1', text: 'keep', sender: 'User', senderName: 'Bot', files: ['f'] },
    ]);
    expect(run.outputs['stored_messages']).toMatchObject({ text: 'keep', sessionId: testSession });
  });

  test('Message Store of older flows does the same', async () => {
    const run = await testComponent('StoreMessage', {
      fields: { message: 'keep', sender: 'Machine and User' },
    });
    expect(run.stored).toMatchObject([{ text: 'keep', sender: 'Machine', senderName: 'AI' }]);
  });

  test('an external memory is refused', async () => {
    const memory = { kind: 'handle', type: 'Memory', object: {} } as const;
    await expect(testComponent('Memory', { inputs: { memory } })).rejects.toThrow('external memory');
  });
});
