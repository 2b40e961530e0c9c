import {
  type AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  type ToolMessage,
} from '@langchain/core/messages';
import { concat } from '@langchain/core/utils/stream';
import { type StructuredToolInterface, tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startScriptedProvider } from './index.js';

const provider = await startScriptedProvider();
afterAll(() => provider.close());
beforeEach(() => {
  provider.clear();
  provider.setScript([]);
});

function chat(fields: Record<string, unknown> = {}): ChatOpenAI {
  const configuration = { baseURL: `${provider.url}/v1` };
  return new ChatOpenAI({
    model: 'gpt-4o',
    apiKey: 'sk-secret',
    maxRetries: 0,
    useResponsesApi: false,
    configuration,
    ...fields,
  });
}

const calculator = tool(({ expression }) => `${expression} = 4`, {
  name: 'calculator',
  description: 'Calculates',
  schema: z.object({ expression: z.string() }),
});
const search = tool(({ query }) => `found: ${query}`, {
  name: 'search',
  description: 'Searches',
  schema: z.object({ query: z.string(), limit: z.int().min(1).max(5).optional() }),
});

describe('ChatOpenAI', () => {
  test('gets an answer with usage and a unique id', async () => {
    const first = await chat().invoke('Hello there');
    const second = await chat().invoke('Hello there');
    expect(first.text).toBe('You said: Hello there');
    expect(second.text).toBe(first.text);
    expect(second.id).not.toBe(first.id);
    expect(first.usage_metadata).toMatchObject({ input_tokens: 7, output_tokens: 4, total_tokens: 11 });
    expect(first.response_metadata['finish_reason']).toBe('stop');
  });

  test('works without /v1 in its address', async () => {
    const answer = await chat({ configuration: { baseURL: provider.url } }).invoke('Hi');
    expect(answer.text).toBe('You said: Hi');
  });

  test('streams the same answer word by word, with usage at the end', async () => {
    const chunks = [];
    for await (const chunk of await chat({ streamUsage: true }).stream('one two three')) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.text).filter(Boolean)).toEqual([
      'You',
      ' said:',
      ' one',
      ' two',
      ' three',
    ]);
    expect(chunks.flatMap((chunk) => chunk.usage_metadata?.total_tokens ?? [])).toEqual([13]);
    expect(provider.calls()[0]).toMatchObject({ stream: true, chunksSent: 5, outcome: 'completed' });
  });

  test.each([false, true])(
    'calls each offered tool once, then answers (streaming: %s)',
    async (streaming) => {
      const model = chat().bindTools([calculator, search]);
      // Not the client's own `streaming: true`: with it, invoke() fetches token tables from the internet.
      const ask = async (messages: BaseMessage[]): Promise<AIMessageChunk> => {
        if (!streaming) return model.invoke(messages);
        let whole: AIMessageChunk | undefined;
        for await (const chunk of await model.stream(messages)) whole = whole ? concat(whole, chunk) : chunk;
        return whole!;
      };
      const messages: BaseMessage[] = [new HumanMessage('weather in Oslo')];
      const called: unknown[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        const answer = await ask(messages);
        messages.push(answer);
        for (const call of answer.tool_calls ?? []) {
          called.push([call.name, call.args]);
          const run = (call.name === 'calculator' ? calculator : search) as StructuredToolInterface;
          const result: ToolMessage = await run.invoke(call);
          messages.push(result);
        }
      }
      expect(called).toEqual([
        ['calculator', { expression: '2+2' }],
        ['search', { query: 'weather in Oslo', limit: 1 }],
      ]);
      expect(messages.at(-1)?.text).toBe(
        'The tools answered:\ncalculator: 2+2 = 4\nsearch: found: weather in Oslo',
      );
      expect(provider.calls().map((call) => call.toolNames)).toEqual(Array(3).fill(['calculator', 'search']));
    },
  );

  const Person = z.object({
    name: z.string(),
    age: z.int().min(0).max(120),
    email: z.email().nullable(),
    roles: z.array(z.enum(['admin', 'user'])).min(1),
  });
  test.each(['jsonSchema', 'functionCalling'] as const)('gets structured output by %s', async (method) => {
    const value = await chat().withStructuredOutput(Person, { method, name: 'person' }).invoke('Who is it?');
    expect(value).toEqual({
      name: 'Example name',
      age: 30,
      email: 'someone@example.com',
      roles: ['admin'],
    });
  });

  test('gets a JSON object in JSON mode', async () => {
    const answer = await chat({ modelKwargs: { response_format: { type: 'json_object' } } }).invoke(
      'Say JSON',
    );
    expect(JSON.parse(answer.text)).toEqual({ answer: 'Say JSON' });
    expect(provider.calls()[0]?.responseFormat).toEqual({ type: 'json_object' });
  });

  test('is cut at its token limit, with that finish reason', async () => {
    const answer = await chat({ maxTokens: 3 }).invoke('one two three');
    expect(answer.text).toBe('You said: one');
    expect(answer.response_metadata['finish_reason']).toBe('length');
    expect(answer.usage_metadata?.output_tokens).toBe(3);
  });

  test('retries a 429 and gets the answer after it', async () => {
    provider.setScript([{ times: 1, reply: { status: 429, retryAfterSeconds: 0 } }]);
    const answer = await chat({ maxRetries: 2 }).invoke('Hi');
    expect(answer.text).toBe('You said: Hi');
    expect(provider.calls().map((call) => [call.status, call.outcome, call.rule])).toEqual([
      [429, 'fault', 'rules[0]'],
      [200, 'completed', 'default'],
    ]);
  });

  test('keeps NULs and lone surrogates of a script', async () => {
    const text = 'a\u0000b \ud83d c\udc00';
    provider.setScript([{ reply: { text } }]);
    let streamed = '';
    for await (const chunk of await chat().stream('Hi')) streamed += chunk.text;
    expect([(await chat().invoke('Hi')).text, streamed]).toEqual([text, text]);
  });

  test('that is stopped closes the socket, and the log says so', async () => {
    provider.setScript([{ reply: { text: 'word '.repeat(1000), chunkDelayMs: 5 } }]);
    const stop = new AbortController();
    const reading = (async () => {
      for await (const chunk of await chat().stream('Talk', { signal: stop.signal })) {
        if (chunk.text !== '') stop.abort();
      }
    })();
    await expect(reading).rejects.toThrow(/abort/i);
    await expect.poll(() => provider.calls()[0]?.outcome).toBe('client_closed');
    expect(provider.calls()[0]?.chunksSent).toBeLessThan(1000);
  });
});

describe('OpenAIEmbeddings', () => {
  test('gets the same unit vector for the same text', async () => {
    const embeddings = new OpenAIEmbeddings({
      model: 'text-embedding-3-small',
      apiKey: 'sk-secret',
      dimensions: 64,
      configuration: { baseURL: provider.url },
    });
    const [first, second, third] = await embeddings.embedDocuments(['a cat', 'a dog', 'a cat']);
    expect(first).toHaveLength(64);
    expect(third).toEqual(first);
    expect(second).not.toEqual(first);
    expect(await embeddings.embedQuery('a cat')).toEqual(first);
    expect(Math.hypot(...(first ?? []))).toBeCloseTo(1, 5);
  });
});
