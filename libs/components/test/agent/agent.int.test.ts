import { CausewayError } from '@causeway/dag';
import { type ScriptedProvider, startScriptedProvider } from '@causeway/scripted-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Handle } from '../../src/runtime/component.js';
import { testMessage, testNow } from '../../src/runtime/test-context.js';
import { failureOf } from '../models/ask-model.js';
import { runAgentNode, sent, toolsOf } from './run-agent.js';

let provider: ScriptedProvider;
let calculator: Handle;
beforeAll(async () => {
  provider = await startScriptedProvider();
  calculator = await toolsOf('CalculatorComponent');
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.clear();
  provider.setScript([]);
});

const asks = (...toolCalls: { name: string; args?: unknown }[]): { times: number; reply: object } => ({
  times: 1,
  reply: { toolCalls },
});
const adds = (expression: string): { name: string; args: unknown } => ({
  name: 'evaluate_expression',
  args: { expression },
});
const says = (text: string): { reply: object } => ({ reply: { text } });

describe('an agent', () => {
  it('calls a tool, sends its result to the model, and gives the answer', async () => {
    provider.setScript([asks(adds('2+2')), says('It is 4.')]);
    const { message } = await runAgentNode(provider, {}, [calculator]);
    expect(message.text).toBe('It is 4.');
    expect(provider.calls()[0]?.toolNames).toEqual(['evaluate_expression']);
    expect(sent(provider, 2).slice(-2)).toMatchObject([
      {
        role: 'assistant',
        tool_calls: [{ function: { name: 'evaluate_expression', arguments: '{"expression":"2+2"}' } }],
      },
      { role: 'tool', content: '{"result":"4"}' },
    ]);
  });

  it('shows its steps as Langflow does', async () => {
    provider.setScript([asks(adds('2+2')), says('It is 4.')]);
    const { message } = await runAgentNode(provider, {}, [calculator]);
    expect(message.contentBlocks).toEqual([
      {
        title: 'Agent Steps',
        allow_markdown: true,
        media_url: null,
        contents: [
          {
            type: 'text',
            duration: null,
            header: { title: 'Input', icon: 'MessageSquare' },
            text: 'What is 2 + 2?',
          },
          {
            type: 'tool_use',
            duration: expect.any(Number) as number,
            header: { title: 'Executed **evaluate_expression**', icon: 'Hammer' },
            name: 'evaluate_expression',
            tool_input: { expression: '2+2' },
            output: { result: '4' },
            error: null,
          },
          {
            type: 'text',
            duration: null,
            header: { title: 'Output', icon: 'MessageSquare' },
            text: 'It is 4.',
          },
        ],
      },
    ]);
  });

  it('makes each call of model and tool a step of its own', async () => {
    provider.setScript([asks(adds('2+2')), says('It is 4.')]);
    const { record } = await runAgentNode(provider, {}, [calculator]);
    expect(record.steps.map(({ kind, name, effects }) => [kind, name, effects])).toEqual([
      ['model', 'model', 'none'],
      ['tool', 'evaluate_expression', 'none'],
      ['model', 'model', 'none'],
    ]);
  });

  it('adds up what its calls used', async () => {
    const usage = { promptTokens: 10, completionTokens: 5 };
    provider.setScript([
      { times: 1, reply: { toolCalls: [adds('1')], usage } },
      { reply: { text: 'ok', usage } },
    ]);
    const { message } = await runAgentNode(provider, {}, [calculator]);
    expect(message.properties).toMatchObject({
      usage: { input_tokens: 20, output_tokens: 10, total_tokens: 30 },
    });
  });

  it('makes the calls of one turn in the order given', async () => {
    provider.setScript([asks(adds('1+1'), adds('2+2'), adds('3+3')), says('done')]);
    const { record } = await runAgentNode(provider, {}, [calculator]);
    expect(record.steps.slice(1, 4).map(({ request }) => (request as { args: unknown }).args)).toEqual([
      { expression: '1+1' },
      { expression: '2+2' },
      { expression: '3+3' },
    ]);
    expect(
      sent(provider, 2)
        .slice(-3)
        .map(({ content }) => content),
    ).toEqual(['{"result":"2"}', '{"result":"4"}', '{"result":"6"}']);
  });

  it('N11: reports to the model that it named a tool that does not exist', async () => {
    provider.setScript([asks({ name: 'guess' }), says('Sorry.')]);
    const { message } = await runAgentNode(provider, {}, [calculator]);
    expect(message.text).toBe('Sorry.');
    expect(sent(provider, 2).at(-1)).toMatchObject({
      role: 'tool',
      content: 'There is no tool guess. Available tools: evaluate_expression.',
    });
  });

  it.each(['{"expression": ', '"2+2"', '[1]', ''])(
    'reports to the model that its arguments are %s',
    async (args) => {
      provider.setScript([asks({ name: 'evaluate_expression', args }), says('Sorry.')]);
      const { message } = await runAgentNode(provider, {}, [calculator]);
      expect(message.text).toBe('Sorry.');
      expect(sent(provider, 2).slice(-2)).toMatchObject([
        { role: 'assistant', tool_calls: [{ function: { name: 'evaluate_expression' } }] },
        { role: 'tool', content: expect.stringContaining('are no JSON object') as string },
      ]);
    },
  );

  it('fails because of such arguments when the node says so', async () => {
    provider.setScript([asks({ name: 'evaluate_expression', args: '{"expression": ' })]);
    const error = await failureOf(
      runAgentNode(provider, { fields: { handle_parsing_errors: false } }, [calculator]),
    );
    expect(error).toMatchObject({ code: 'NODE_FAILED' });
    expect(error.message).toContain(
      'the model called evaluate_expression with arguments that are no JSON object',
    );
  });

  it('reports the failure of a tool to the model, and shows it', async () => {
    const parser = await toolsOf('TypeConverterComponent');
    const broken: Handle = {
      ...parser,
      object: [
        {
          name: 'broken',
          description: '',
          parameters: { type: 'object', properties: {} },
          effects: 'none',
          call: () => Promise.reject(new Error('secret detail')),
        },
      ],
    };
    provider.setScript([asks({ name: 'broken' }), says('Sorry.')]);
    const { message, record } = await runAgentNode(provider, {}, [broken]);
    expect(sent(provider, 2).at(-1)).toMatchObject({ content: 'The tool failed.' });
    expect(JSON.stringify(message.contentBlocks)).toContain('Error using **broken**');
    expect(record.logs).toMatchObject([{ event: 'tool failed' }]);
  });

  it.each([
    ['REQUEST_FAILED', true],
    ['EFFECT_UNKNOWN', false],
    ['LEASE_LOST', false],
  ])('reports a tool’s %s to the model: %s; else the run ends', async (code, isTold) => {
    provider.setScript([asks({ name: 'failing' }), says('Sorry.')]);
    const tool = {
      name: 'failing',
      description: '',
      parameters: {},
      effects: 'none',
      call: () => Promise.reject(new CausewayError(code, 'It went wrong.')),
    };
    const run = runAgentNode(provider, {}, [{ kind: 'handle', type: 'Tool', object: [tool] }]);
    if (isTold) expect((await run).message.text).toBe('Sorry.');
    else expect(await failureOf(run)).toMatchObject({ code });
  });

  it('answers with the limit it has reached, naming it', async () => {
    provider.setScript([{ reply: { toolCalls: [adds('1')] } }]);
    const { message } = await runAgentNode(provider, { fields: { max_iterations: 3 } }, [calculator]);
    expect(message.text).toBe('Component Agent reached its limit of 3 model calls (max_iterations).');
    expect(provider.calls()).toHaveLength(3);
  });

  it('calls the model 200 times at most, whatever a request says', async () => {
    provider.setScript([{ reply: { toolCalls: [adds('1')] } }]);
    const { message } = await runAgentNode(provider, { fields: { max_iterations: 1_000_000 } }, [calculator]);
    expect(message.text).toContain('its limit of 200 model calls');
    expect(provider.calls()).toHaveLength(200);
  });

  it('says that the model stopped for length in its answer', async () => {
    provider.setScript([{ reply: { text: 'abc def', finishReason: 'length' } }]);
    const { message } = await runAgentNode(provider, {}, [calculator]);
    expect(message).toMatchObject({ text: 'abc def', properties: { finish_reason: 'length' } });
  });

  it('says that a content filter stopped the model in its answer', async () => {
    provider.setScript([{ reply: { text: '', finishReason: 'content_filter' } }]);
    const { message } = await runAgentNode(provider, {}, [calculator]);
    expect(message).toMatchObject({ text: '', properties: { finish_reason: 'content_filter' } });
  });

  it('stops when the run has no output tokens left', async () => {
    provider.setScript([{ reply: { toolCalls: [adds('1')] } }]);
    let left = 2;
    const models = { tokenLimit: 4096, remainingTokens: () => (left -= 1) };
    const error = await failureOf(runAgentNode(provider, { models }, [calculator]));
    expect(error).toMatchObject({ code: 'LIMIT_TOKENS' });
    expect(provider.calls()).toHaveLength(1);
  });

  it('streams the pieces of its answer under the chat output’s message', async () => {
    provider.setScript([asks(adds('2+2')), { reply: { chunks: ['It', ' is', ' 4.'] } }]);
    const { message, record } = await runAgentNode(provider, { node: { streamsTo: 'ChatOutput-1' } }, [
      calculator,
    ]);
    expect(message.text).toBe('It is 4.');
    expect(record.emitted.filter(({ event }) => event === 'token').map(({ data }) => data)).toEqual(
      ['It', ' is', ' 4.'].map((chunk) => ({ chunk, id: 'message:ChatOutput-1' })),
    );
  });

  it('keeps NUL and lone surrogates in the result of a tool', async () => {
    provider.setScript([asks(adds('a\u0000\ud800')), says('b\u0000\ud800')]);
    const { message } = await runAgentNode(provider, {}, [calculator]);
    expect(message.text).toBe('b\u0000\ud800');
    expect(JSON.stringify(sent(provider, 2))).toContain('\\\\u0000\\\\ud800');
  });
});

describe('the messages of an agent', () => {
  it('are the session’s history without the current message', async () => {
    const history = [
      testMessage('First?'),
      testMessage('First answer.', { sender: 'Machine', senderName: 'AI' }),
      testMessage('   ', { sender: 'Machine' }),
      testMessage('It broke.', { sender: 'Machine', error: true }),
      testMessage('other session', { sessionId: 'other' }),
      testMessage('Now?', { id: 'current' }),
    ];
    const input = { kind: 'message' as const, text: 'Now?', data: { id: 'current' } };
    await runAgentNode(provider, {
      history,
      inputs: { input_value: input },
      fields: { system_prompt: 'Help.' },
    });
    expect(sent(provider, 1)).toEqual([
      { role: 'system', content: 'Help.' },
      { role: 'user', content: 'First?' },
      { role: 'assistant', content: 'First answer.' },
      { role: 'user', content: 'Now?' },
    ]);
  });

  it.each([
    [2, ['two', 'three', 'now']],
    [0, ['now']],
  ])('are at most n_messages = %i of it', async (n_messages, expected) => {
    const history = ['one', 'two', 'three'].map((text) => testMessage(text));
    await runAgentNode(provider, { history, fields: { n_messages, input_value: 'now', system_prompt: '' } });
    expect(sent(provider, 1).map(({ content }) => content)).toEqual(expected);
  });

  it('are the history of its context only, when it has one', async () => {
    const history = [testMessage('mine', { contextId: 'c' }), testMessage('not mine')];
    await runAgentNode(provider, {
      history,
      fields: { context_id: 'c', input_value: 'now', system_prompt: '' },
    });
    expect(sent(provider, 1).map(({ content }) => content)).toEqual(['mine', 'now']);
  });

  it('have the date and the model for their placeholders; other braces are kept', async () => {
    const system_prompt = 'Today {current_date}, as {model_name}. {optional_user_context}Reply as {"a": 1}.';
    await runAgentNode(provider, { fields: { system_prompt } });
    expect(sent(provider, 1)[0]?.['content']).toBe(
      'Today 2026-01-31 12:00:00 UTC, as scripted. Reply as {"a": 1}.',
    );
  });

  it('do not depend on the date when a resumed run compares its requests', async () => {
    const { record } = await runAgentNode(provider, { fields: { system_prompt: 'Today {current_date}.' } });
    expect(JSON.stringify(record.steps[0]?.request)).not.toContain(testNow.slice(0, 10));
  });

  it('ask the model to continue when there is no input', async () => {
    await runAgentNode(provider, { fields: { input_value: ' ' } });
    expect(sent(provider, 1).at(-1)?.['content']).toBe('Continue the conversation.');
  });
});

describe('the tools of an agent’s own switches', () => {
  it('are the current date and the calculator', async () => {
    provider.setScript([
      asks({ name: 'get_current_date', args: { timezone: 'Europe/Berlin' } }, adds('2*21')),
      says('ok'),
    ]);
    const fields = { add_current_date_tool: true, add_calculator_tool: true };
    await runAgentNode(provider, { fields });
    expect(provider.calls()[0]?.toolNames).toEqual(['get_current_date', 'evaluate_expression']);
    expect(
      sent(provider, 2)
        .slice(-2)
        .map(({ content }) => content),
    ).toEqual(['Current date and time in Europe/Berlin: 2026-01-31 13:00:00', '{"result":"42"}']);
  });

  it('give the model an error that it can correct', async () => {
    provider.setScript([
      asks({ name: 'get_current_date', args: { timezone: 'Mars/Olympus' } }, adds('1/0')),
      says('ok'),
    ]);
    await runAgentNode(provider, { fields: { add_current_date_tool: true, add_calculator_tool: true } });
    const [date, sum] = sent(provider, 2)
      .slice(-2)
      .map(({ content }) => String(content));
    expect(date).toBe('Error: there is no time zone Mars/Olympus.');
    expect(sum).toContain('error');
  });

  it('are replaced by a connected tool of the same name', async () => {
    await runAgentNode(provider, { fields: { add_calculator_tool: true } }, [calculator]);
    expect(provider.calls()[0]?.toolNames).toEqual(['evaluate_expression']);
  });
});

describe('a structured response', () => {
  const output_schema = [
    { name: 'city', type: 'str', description: 'Where' },
    { name: 'degrees', type: 'float', description: 'How warm' },
  ];

  it('is read from the same answer, which both outputs share', async () => {
    provider.setScript([
      { times: 1, reply: { text: 'In Oslo it is 3.5 degrees.' } },
      {
        reply: {
          toolCalls: [{ name: 'OutputModel', args: { objects: [{ city: 'Oslo', degrees: '3.5' }] } }],
        },
      },
    ]);
    const { message, data } = await runAgentNode(provider, {
      outputs: ['response', 'structured_response'],
      fields: { output_schema },
    });
    expect(message.text).toBe('In Oslo it is 3.5 degrees.');
    expect(data).toMatchObject({ kind: 'data', data: { city: 'Oslo', degrees: 3.5 } });
    expect(provider.calls()).toHaveLength(2);
    expect(sent(provider, 2).at(-1)).toMatchObject({ content: 'In Oslo it is 3.5 degrees.' });
  });

  it('gives the answer and its problem when it does not fit', async () => {
    provider.setScript([says('No idea.')]);
    const { data } = await runAgentNode(provider, {
      outputs: ['structured_response'],
      fields: { output_schema },
    });
    expect(data.data).toMatchObject({
      content: 'No idea.',
      error: expect.stringContaining('does not fit') as string,
    });
  });

  it('without a schema is the JSON in the answer, or the answer', async () => {
    provider.setScript([{ times: 1, reply: { text: 'Here: ```json\n{"a": 1}\n```' } }, says('plain')]);
    const options = { outputs: ['structured_response'] };
    expect((await runAgentNode(provider, options)).data.data).toEqual({ a: 1 });
    expect((await runAgentNode(provider, options)).data.data).toEqual({ content: 'plain' });
  });
});
