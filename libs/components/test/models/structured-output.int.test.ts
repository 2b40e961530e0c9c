import { type ScriptedProvider, startScriptedProvider } from '@causeway/scripted-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testComponent } from '../../src/runtime/test-context.js';
import type { TestOptions } from '../../src/runtime/test-options.js';
import type { DataValue, TableValue } from '../../src/specs/values.js';
import { PATIENT_MS, failureOf } from './ask-model.js';
import { providerCases } from './provider-cases.js';
import { startWireServer } from './wire-server.js';

let provider: ScriptedProvider;
beforeAll(async () => {
  provider = await startScriptedProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.clear();
  provider.setScript([]);
});

const output_schema = [
  { name: 'name', description: 'Full name', type: 'str', multiple: 'False' },
  { name: 'age', description: 'In years', type: 'int', multiple: 'False' },
];

async function extract(
  options: TestOptions = {},
): Promise<{ data: DataValue; table: TableValue; steps: number }> {
  const { fields, models, ...rest } = options;
  const { outputs, steps } = await testComponent('StructuredOutput', {
    outputs: ['structured_output', 'dataframe_output'],
    fields: { input_value: 'Ada is 36, Alan is 41.', output_schema, ...fields },
    models: { scriptedProviderUrl: provider.url, idleTimeoutMs: PATIENT_MS, ...models },
    ...rest,
  });
  const { structured_output: data, dataframe_output: table } = outputs;
  return { data: data as DataValue, table: table as TableValue, steps: steps.length };
}

const gives = (...objects: object[]): object => ({
  reply: { toolCalls: [{ name: 'OutputModel', args: { objects } }] },
});

describe('structured output', () => {
  it('of one object is the object', async () => {
    provider.setScript([gives({ name: 'Ada', age: 36 })] as never);
    const { data, table } = await extract();
    expect(data).toEqual({ kind: 'data', data: { name: 'Ada', age: 36 } });
    expect(table.rows).toEqual([{ name: 'Ada', age: 36 }]);
  });

  it('of several objects is their list, and a row for each', async () => {
    provider.setScript([gives({ name: 'Ada', age: 36 }, { name: 'Alan', age: 41 })] as never);
    const { data, table, steps } = await extract();
    expect(data.data).toEqual({
      results: [
        { name: 'Ada', age: 36 },
        { name: 'Alan', age: 41 },
      ],
    });
    expect(table.rows).toHaveLength(2);
    expect(steps).toBe(1);
  });

  it('requires a call of one tool, named after the schema', async () => {
    await extract({ fields: { schema_name: 'Per son' } });
    expect(provider.calls()[0]?.toolNames).toEqual(['Per_son']);
  });

  it('accepts any object that a provider makes for the schema', async () => {
    const { data } = await extract();
    expect(Object.keys(data.data)).toEqual(['name', 'age']);
    expect(typeof data.data['age']).toBe('number');
  });

  it('reads the objects from text when the model calls no tool', async () => {
    provider.setScript([{ reply: { text: 'Sure:\n```json\n[{"name":"Ada","age":36}]\n```' } }]);
    expect((await extract()).data.data).toEqual({ name: 'Ada', age: 36 });
  });

  it('shows the model once which part does not fit', async () => {
    provider.setScript([
      { times: 1, ...gives({ name: 'Ada', age: 'young' }) },
      gives({ name: 'Ada', age: 36 }),
    ] as never);
    const { data, steps } = await extract();
    expect([data.data, steps]).toEqual([{ name: 'Ada', age: 36 }, 2]);
    expect(provider.calls()[1]?.messages?.at(-1)).toMatchObject({
      role: 'tool',
      content: expect.stringContaining('age must be integer, but is a string') as string,
    });
  });

  it.each([
    ['does not fit twice', gives({ name: 'Ada', age: 'young' }), 'age must be integer, but is a string'],
    ['is empty', gives(), 'it gave no object'],
    ['is plain text', { reply: { text: 'I cannot.' } }, 'it gave no object'],
  ])('fails naming the node when the answer %s', async (_what, rule, problem) => {
    provider.setScript([rule] as never);
    const error = await failureOf(extract());
    expect(error).toMatchObject({ code: 'NODE_FAILED' });
    expect(error.message).toContain(
      `Structured Output: the model's answer does not fit the output schema: ${problem}`,
    );
  });

  it('says that the model stopped for length if the answer does not fit because of it', async () => {
    const usage = { promptTokens: 5, completionTokens: 2 };
    provider.setScript([{ reply: { text: '{"objects": [{"na', finishReason: 'length', usage } }]);
    const error = await failureOf(extract());
    expect(error.message).toContain('the model stopped for length after 2 tokens');
    expect(provider.calls()).toHaveLength(1);
  });

  it('says that a content filter stopped the model if the answer does not fit because of it', async () => {
    provider.setScript([{ reply: { text: '', finishReason: 'content_filter' } }]);
    const error = await failureOf(extract());
    expect(error.message).toContain('content filter stopped the model');
    expect(provider.calls()).toHaveLength(1);
  });

  it.each([
    [{ output_schema: [] }, 'its output schema is empty'],
    [{ output_schema: [{ name: 'when', type: 'date' }] }, 'gives when the type date'],
    [{ input_value: '' }, 'there is no text to read'],
  ])('with %j fails with the remedy', async (fields, problem) => {
    expect((await failureOf(extract({ fields }))).message).toContain(problem);
    expect(provider.calls()).toEqual([]);
  });

  it('gives the output with its older name', async () => {
    provider.setScript([gives({ name: 'Ada', age: 36 })] as never);
    const { outputs } = await testComponent('StructuredOutputComponent', {
      outputs: ['structured_output_dataframe'],
      fields: { input_value: 'Ada', output_schema },
      models: { scriptedProviderUrl: provider.url, idleTimeoutMs: PATIENT_MS },
    });
    expect(outputs['structured_output_dataframe']).toMatchObject({ kind: 'table', rows: [{ name: 'Ada' }] });
  });

  it('keeps a field called __proto__ a field', async () => {
    const args = JSON.parse('{"objects":[{"__proto__":"x"}]}') as object;
    provider.setScript([{ reply: { toolCalls: [{ name: 'OutputModel', args: JSON.stringify(args) }] } }]);
    const { data } = await extract({ fields: { output_schema: [{ name: '__proto__', type: 'str' }] } });
    expect(Object.keys(data.data)).toEqual(['__proto__']);
  });
});

describe.each(providerCases)('structured output over $name', (protocol) => {
  it('gives the objects', async () => {
    const server = await startWireServer();
    server.answer = (request, response) => {
      const args = { objects: [{ name: 'Ada', age: 36 }] };
      // Ollama must answer in the shape of the arguments; the others call the tool.
      const said =
        protocol.providerId === 'ollama'
          ? { text: JSON.stringify(args) }
          : { calls: [{ id: 'c', name: 'OutputModel', args }] };
      protocol.answer(request, response, said);
    };
    const { data } = await extract({
      fields: { provider: protocol.provider, model_name: protocol.model, api_key: 'k' },
      models: {
        providerBaseUrls: { [protocol.providerId]: server.url },
        scriptedProviderUrl: undefined as never,
      },
    });
    const [request] = server.requests;
    await server.close();
    expect(data.data).toEqual({ name: 'Ada', age: 36 });
    expect(JSON.stringify(request?.body)).toMatch(/"tool_choice"|"toolConfig"|"format":\{/);
  });
});
