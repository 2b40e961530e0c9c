import { describe, expect, test } from 'vitest';
import { parseChatRequest } from '../chat/chat-request.js';
import { parseScript, ScriptError, type ScriptInput } from './script.js';
import { ScriptPlayer } from './script-player.js';

function problemsOf(input: unknown): readonly string[] {
  try {
    parseScript(input);
    return [];
  } catch (error) {
    return (error as ScriptError).problems;
  }
}

describe('the error for a script that cannot be played names the path of the problem', () => {
  test.each<[unknown, RegExp]>([
    ['rules', /^script: /],
    [[{ reply: { txt: 'x' } }], /^rules\[0\]\.reply: .*"txt"/],
    [[{ when: { modle: 'x' }, reply: {} }], /^rules\[0\]\.when: .*"modle"/],
    [[{ when: { nth: 0 }, reply: {} }], /^rules\[0\]\.when\.nth: /],
    [[{ when: { messageMatches: { regex: '(' } }, reply: {} }], /^rules\[0\]\.when\.messageMatches/],
    [
      [{ when: { messageMatches: { regex: 'a'.repeat(201) } }, reply: {} }],
      /^rules\[0\]\.when\.messageMatches/,
    ],
    [[{ reply: {} }, { reply: { delayMs: -1 } }], /^rules\[1\]\.reply\.delayMs: /],
    [[{ reply: { toolCalls: [{ args: {} }] } }], /^rules\[0\]\.reply\.toolCalls\[0\]\.name: /],
    [[{ reply: { text: 'a', json: null } }], /^rules\[0\]\.reply: text and json exclude each other/],
    [[{ reply: { hang: true, status: 500 } }], /^rules\[0\]\.reply: status and hang exclude/],
    [[{ reply: { status: 500, text: 'a' } }], /^rules\[0\]\.reply: status leaves no room for text/],
    [[{ reply: { status: 204 } }], /^rules\[0\]\.reply: a status below 400 needs a rawBody/],
    [[{ reply: { toolsTogether: true, text: 'a' } }], /^rules\[0\]\.reply: toolsTogether shapes the default/],
    [
      [{ reply: { cutAfterChunks: 1, malformedStream: true } }],
      /^rules\[0\]\.reply: cutAfterChunks and malformedStream/,
    ],
    [[{ when: { endpoint: 'embeddings' }, reply: { text: 'a' } }], /^rules\[0\]\.reply\.text: is for chat/],
  ])('%j', (input, problem) => {
    expect(problemsOf(input)).toEqual([expect.stringMatching(problem)]);
  });

  test('and names all problems at once', () => {
    expect(problemsOf([{ reply: { delayMs: 'x' } }, { times: 0, reply: {} }])).toHaveLength(2);
  });

  test.each([
    [[{ reply: { json: null } }]],
    [{ rules: [{ reply: { rawBody: 'x', status: 200 } }] }],
    [[{ when: { endpoint: 'embeddings' }, reply: { delayMs: 5, status: 500 } }]],
  ])('while %j can be played', (input) => {
    expect(problemsOf(input)).toEqual([]);
  });
});

describe('the first rule that fits answers', () => {
  function play(script: ScriptInput, ...requests: Record<string, unknown>[]): (string | undefined)[] {
    const player = new ScriptPlayer(parseScript(script));
    return requests.map((fields) => {
      const base = { model: 'm', messages: [{ role: 'user', content: 'Hello world' }] };
      const { model, messages, tools } = parseChatRequest({ ...base, ...fields });
      return player.next({ endpoint: 'chat', model, messages, tools })?.name;
    });
  }
  const tools = ['a', 'b'].map((name) => ({ type: 'function', function: { name } }));
  const calling = [
    { role: 'user', content: 'Hello world' },
    {
      role: 'assistant',
      tool_calls: [{ id: '1', type: 'function', function: { name: 'a', arguments: '' } }],
    },
    { role: 'tool', tool_call_id: '1', content: 'result' },
  ];

  test.each<[ScriptInput, Record<string, unknown>, boolean]>([
    [[{ when: { model: 'm' }, reply: {} }], {}, true],
    [[{ when: { model: 'x' }, reply: {} }], {}, false],
    [[{ when: { lastMessageContains: 'world' }, reply: {} }], {}, true],
    [[{ when: { lastMessageContains: 'world' }, reply: {} }], { messages: calling }, false],
    [[{ when: { messageMatches: 'world' }, reply: {} }], { messages: calling }, true],
    [[{ when: { messageMatches: '^Hello' }, reply: {} }], {}, false],
    [[{ when: { messageMatches: { regex: '^Hello' } }, reply: {} }], { messages: calling }, true],
    [[{ when: { messageMatches: { regex: '^world' } }, reply: {} }], {}, false],
    [[{ when: { toolsOffered: true }, reply: {} }], { tools }, true],
    [[{ when: { toolsOffered: false }, reply: {} }], { tools }, false],
    [[{ when: { toolsOffered: ['b', 'a'] }, reply: {} }], { tools }, true],
    [[{ when: { toolsOffered: ['a', 'c'] }, reply: {} }], { tools }, false],
    [[{ when: { hasToolResult: true }, reply: {} }], { messages: calling }, true],
    [[{ when: { hasToolResult: false }, reply: {} }], { messages: calling }, false],
    [[{ when: { hasToolResult: false }, reply: {} }], { messages: [...calling, calling[0]] }, true],
  ])('%j', (script, request, fits) => {
    expect(play(script, request)).toEqual([fits ? 'rules[0]' : undefined]);
  });

  test('as often as it may, and then the next one', () => {
    const script: ScriptInput = [
      { times: 2, reply: {} },
      { name: 'last', reply: {} },
    ];
    expect(play(script, {}, {}, {})).toEqual(['rules[0]', 'rules[0]', 'last']);
  });

  test('at the n-th request that meets its condition, not counting others', () => {
    const script: ScriptInput = [{ when: { model: 'm', nth: 2 }, reply: {} }];
    expect(play(script, {}, { model: 'x' }, {}, {})).toEqual([undefined, undefined, 'rules[0]', undefined]);
  });
});
