import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChatMessage, type ChatRequest, parseChatRequest } from './chat-request.js';
import { defaultAnswer } from './default-answer.js';

const user = (content: string): ChatMessage => ({ role: 'user', content });
const tool = (name: string) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { query: { type: 'string' } } } },
});
const calling = (...names: string[]): ChatMessage[] => [
  {
    role: 'assistant',
    tool_calls: names.map((name) => ({
      id: `c_${name}`,
      type: 'function',
      function: { name, arguments: '{}' },
    })),
  },
  ...names.map((name) => ({ role: 'tool' as const, tool_call_id: `c_${name}`, content: `${name}!` })),
];

function request(fields: Record<string, unknown>): ChatRequest {
  return parseChatRequest({ model: 'm', messages: [user('Hi')], ...fields });
}
const called = (fields: Record<string, unknown>, options = {}): string[] =>
  defaultAnswer(request(fields), options).toolCalls.map((call) => call.name);

describe('offered tools', () => {
  const tools = ['a', 'b', 'c'].map(tool);

  test('are called one by one in their order, each with the user’s text', () => {
    const answer = defaultAnswer(request({ tools, messages: [user('Hi'), ...calling('a')] }));
    expect(answer).toMatchObject({
      content: null,
      finishReason: 'tool_calls',
      toolCalls: [{ name: 'b', arguments: '{"query":"Hi"}' }],
    });
  });

  test('are called again after a new message of the user', () => {
    const messages = [
      user('Hi'),
      ...calling('a', 'b', 'c'),
      { role: 'assistant', content: 'Done' },
      user('More'),
    ];
    expect(called({ tools, messages })).toEqual(['a']);
  });

  test('are called together only when that is requested and allowed', () => {
    expect(called({ tools }, { toolsTogether: true })).toEqual(['a', 'b', 'c']);
    expect(called({ tools, messages: [user('Hi'), ...calling('b')] }, { toolsTogether: true })).toEqual([
      'a',
      'c',
    ]);
    expect(called({ tools, parallel_tool_calls: false }, { toolsTogether: true })).toEqual(['a']);
  });

  test('are not called when the choice is none', () => {
    expect(defaultAnswer(request({ tools, tool_choice: 'none' })).content).toBe('You said: Hi');
  });

  test('are called even a second time when the request demands a call', () => {
    const messages = [user('Hi'), ...calling('a', 'b', 'c')];
    const named = { type: 'function', function: { name: 'b' } };
    expect(called({ tools, messages, tool_choice: 'required' })).toEqual(['a']);
    expect(called({ tools, messages, tool_choice: named })).toEqual(['b']);
    expect(defaultAnswer(request({ tools, tool_choice: named })).finishReason).toBe('stop');
  });

  test('are all named in the final answer, each with a shortened result', () => {
    const messages = [user('Hi'), ...calling('a', 'b')];
    messages.push({
      role: 'assistant',
      tool_calls: [{ id: 'x', type: 'function', function: { name: 'c', arguments: '' } }],
    });
    messages.push({ role: 'tool', tool_call_id: 'x', content: 'y'.repeat(300) });
    expect(defaultAnswer(request({ tools, messages })).content).toBe(
      `The tools answered:\na: a!\nb: b!\nc: ${'y'.repeat(200)}…`,
    );
  });

  test('come before the structured answer', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    const fields = { tools, response_format: { type: 'json_schema', json_schema: { name: 's', schema } } };
    expect(called(fields)).toEqual(['a']);
    const messages = [user('Hi'), ...calling('a', 'b', 'c')];
    expect(defaultAnswer(request({ ...fields, messages })).content).toBe('{"city":"Example city"}');
  });
});

describe('words', () => {
  test('repeat the user’s last message, cut at 500 characters', () => {
    expect(defaultAnswer(request({ messages: [user('one'), user('x'.repeat(501))] })).content).toBe(
      `You said: ${'x'.repeat(500)}…`,
    );
  });

  test('repeat the last message when there is none of the user, and only parts that are text', () => {
    const parts = [
      { type: 'text', text: 'a' },
      { type: 'image_url', image_url: {} },
      { type: 'text', text: 'b' },
    ];
    expect(defaultAnswer(request({ messages: [{ role: 'system', content: parts }] })).content).toBe(
      'You said: ab',
    );
  });

  test('end at a stop sequence', () => {
    expect(defaultAnswer(request({ messages: [user('a END b STOP')], stop: ['STOP', 'END'] })).content).toBe(
      'You said: a ',
    );
  });

  test('are cut at the smaller word when both limits are given', () => {
    const limits = { max_tokens: 4, max_completion_tokens: 3 };
    expect(defaultAnswer(request({ ...limits, messages: [user('a b c')] }))).toMatchObject({
      content: 'You said: a',
      finishReason: 'length',
      usage: { completionTokens: 3 },
    });
  });
});

test('equal requests get equal answers', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), fc.boolean(), (texts, withTools) => {
      const fields = { messages: texts.map(user), ...(withTools ? { tools: [tool('a')] } : {}) };
      expect(defaultAnswer(request(fields))).toEqual(defaultAnswer(request(structuredClone(fields))));
    }),
  );
});
