import type { ServerResponse } from 'node:http';
import type { WireRequest } from './wire-server.js';
import { sendEvents, sendJson } from './wire-server.js';

/** The answer of a provider in a case. */
export interface Said {
  readonly text?: string;
  readonly calls?: readonly { readonly id: string; readonly name: string; readonly args: object }[];
  readonly isCut?: boolean;
  /** The provider's filter, or the model's refusal, ended it. */
  readonly isFiltered?: boolean;
}

/** A provider's protocol, from the side of its server. */
export interface ProviderCase {
  readonly name: string;
  readonly type: string;
  readonly provider: string;
  readonly providerId: string;
  readonly model: string;
  /** Answers, as a whole or as a stream, as the request says. */
  readonly answer: (request: WireRequest, response: ServerResponse, said: Said) => void;
  /** Begins a stream and then sends nothing more. */
  readonly beginStream: (response: ServerResponse) => void;
  readonly wantsStream: (request: WireRequest) => boolean;
  readonly keyIn: (request: WireRequest) => string | undefined;
  readonly textsIn: (request: WireRequest) => unknown;
  readonly limitIn: (request: WireRequest) => unknown;
  readonly toolsIn: (request: WireRequest) => readonly string[];
  readonly errorBody: (code: string, message: string) => unknown;
  /** What the error calls the code; undefined when the protocol has none. */
  readonly codeInError: string | undefined;
}

type Body = Record<string, unknown>;
const at = (value: unknown, key: string): unknown => (value as Body | undefined)?.[key];
const list = (value: unknown): readonly Body[] => (Array.isArray(value) ? (value as Body[]) : []);
const bearer = ({ headers }: WireRequest): string | undefined =>
  headers.authorization?.replace('Bearer ', '');
const pieces = (text: string): string[] => text.match(/.{1,4}/gsu) ?? [];

const openai: ProviderCase = {
  name: 'OpenAI chat completions',
  type: 'OpenAIModel',
  provider: 'OpenAI',
  providerId: 'openai',
  model: 'gpt-4.1',
  answer(request, response, { text = '', calls = [], isCut, isFiltered }) {
    const finish_reason = isFiltered
      ? 'content_filter'
      : isCut
        ? 'length'
        : calls.length > 0
          ? 'tool_calls'
          : 'stop';
    const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
    const tool_calls = calls.map(({ id, name, args }, index) => ({
      index,
      id,
      type: 'function',
      function: { name, arguments: JSON.stringify(args) },
    }));
    if (!openai.wantsStream(request)) {
      const message = { role: 'assistant', content: text, ...(calls.length > 0 ? { tool_calls } : {}) };
      return sendJson(response, {
        id: 'c1',
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason }],
        usage,
      });
    }
    const delta = (part: object, end: string | null = null): { data: object } => ({
      data: {
        id: 'c1',
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: part, finish_reason: end }],
      },
    });
    sendEvents(response, [
      ...pieces(text).map((content) => delta({ role: 'assistant', content })),
      ...tool_calls.map((call) => delta({ tool_calls: [call] })),
      delta({}, finish_reason),
      { data: { id: 'c1', object: 'chat.completion.chunk', choices: [], usage } },
    ]);
  },
  beginStream(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"begin"},"finish_reason":null}]}\n\n',
    );
  },
  wantsStream: ({ body }) => body['stream'] === true,
  keyIn: bearer,
  textsIn: ({ body }) => list(body['messages']).map((message) => [message['role'], message['content']]),
  limitIn: ({ body }) => body['max_tokens'],
  toolsIn: ({ body }) => list(body['tools']).map((tool) => String(at(tool['function'], 'name'))),
  errorBody: (code, message) => ({ error: { message, type: 'invalid_request_error', param: null, code } }),
  codeInError: 'quota_gone',
};

const anthropic: ProviderCase = {
  name: 'Anthropic messages',
  type: 'AnthropicModel',
  provider: 'Anthropic',
  providerId: 'anthropic',
  model: 'claude-sonnet-4-5',
  answer(request, response, { text = '', calls = [], isCut, isFiltered }) {
    const stop_reason = isFiltered
      ? 'refusal'
      : isCut
        ? 'max_tokens'
        : calls.length > 0
          ? 'tool_use'
          : 'end_turn';
    const content = [
      ...(text === '' ? [] : [{ type: 'text', text }]),
      ...calls.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: args })),
    ];
    const base = { id: 'm1', type: 'message', role: 'assistant', model: anthropic.model };
    if (!anthropic.wantsStream(request)) {
      return sendJson(response, {
        ...base,
        content,
        stop_reason,
        usage: { input_tokens: 11, output_tokens: 7 },
      });
    }
    const say = (data: { type: string }): { event: string; data: object } => ({ event: data.type, data });
    sendEvents(response, [
      say({
        type: 'message_start',
        message: { ...base, content: [], usage: { input_tokens: 11, output_tokens: 1 } },
      } as never),
      say({ type: 'ping' }),
      ...content.flatMap((block, index) => [
        say({
          type: 'content_block_start',
          index,
          content_block: block.type === 'text' ? { type: 'text', text: '' } : { ...block, input: {} },
        } as never),
        ...('text' in block
          ? pieces(block.text as string).map((piece) =>
              say({
                type: 'content_block_delta',
                index,
                delta: { type: 'text_delta', text: piece },
              } as never),
            )
          : [
              say({
                type: 'content_block_delta',
                index,
                delta: { type: 'input_json_delta', partial_json: JSON.stringify(at(block, 'input')) },
              } as never),
            ]),
        say({ type: 'content_block_stop', index } as never),
      ]),
      say({
        type: 'message_delta',
        delta: { stop_reason, stop_sequence: null },
        usage: { output_tokens: 7 },
      } as never),
      say({ type: 'message_stop' }),
    ]);
  },
  beginStream(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(
      'event: message_start\ndata: {"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}\n\n',
    );
  },
  wantsStream: ({ body }) => body['stream'] === true,
  keyIn: ({ headers }) => headers['x-api-key'] as string | undefined,
  textsIn: ({ body }) => [
    ...(body['system'] === undefined ? [] : [['system', textOf(body['system'])]]),
    ...list(body['messages']).map((message) => [message['role'], textOf(message['content'])]),
  ],
  limitIn: ({ body }) => body['max_tokens'],
  toolsIn: ({ body }) => list(body['tools']).map((tool) => String(tool['name'])),
  errorBody: (code, message) => ({ type: 'error', error: { type: code, message } }),
  codeInError: 'quota_gone',
};

const google: ProviderCase = {
  name: 'Google generateContent',
  type: 'GoogleGenerativeAIModel',
  provider: 'Google Generative AI',
  providerId: 'google',
  model: 'gemini-2.5-flash',
  answer(request, response, { text = '', calls = [], isCut, isFiltered }) {
    const usageMetadata = { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 };
    const callParts = calls.map(({ name, args }) => ({
      functionCall: { name, args },
      thoughtSignature: 'c2lnbg==',
    }));
    const candidate = (parts: readonly object[], end?: string): object => ({
      candidates: [
        { index: 0, content: { role: 'model', parts }, ...(end === undefined ? {} : { finishReason: end }) },
      ],
      usageMetadata,
    });
    const end = isFiltered ? 'SAFETY' : isCut ? 'MAX_TOKENS' : 'STOP';
    const textParts = text === '' ? [] : [{ text }];
    if (!google.wantsStream(request)) return sendJson(response, candidate([...textParts, ...callParts], end));
    sendEvents(response, [
      ...pieces(text).map((piece) => ({ data: candidate([{ text: piece }]) })),
      { data: candidate(callParts.length > 0 ? callParts : [{ text: '' }], end) },
    ]);
  },
  beginStream(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(
      'data: {"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"begin"}]}}]}\n\n',
    );
  },
  wantsStream: ({ path }) => path.includes(':streamGenerateContent?alt=sse'),
  keyIn: ({ headers }) => headers['x-goog-api-key'] as string | undefined,
  textsIn: ({ body }) => [
    ...(body['systemInstruction'] === undefined
      ? []
      : [['system', partsText(at(body['systemInstruction'], 'parts'))]]),
    ...list(body['contents']).map((content) => [content['role'], partsText(content['parts'])]),
  ],
  limitIn: ({ body }) => at(body['generationConfig'], 'maxOutputTokens'),
  toolsIn: ({ body }) =>
    list(body['tools']).flatMap((tool) =>
      list(tool['functionDeclarations']).map((one) => String(one['name'])),
    ),
  errorBody: (code, message) => ({ error: { code: 400, message, status: code } }),
  codeInError: 'quota_gone',
};

const ollama: ProviderCase = {
  name: 'Ollama chat',
  type: 'OllamaModel',
  provider: 'Ollama',
  providerId: 'ollama',
  model: 'llama3.2',
  answer(_request, response, { text = '', calls = [], isCut }) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const line = (part: object): boolean =>
      response.write(`${JSON.stringify({ model: ollama.model, ...part })}\n`);
    for (const content of pieces(text)) line({ message: { role: 'assistant', content }, done: false });
    if (calls.length > 0) {
      const tool_calls = calls.map(({ name, args }) => ({ function: { name, arguments: args } }));
      line({ message: { role: 'assistant', content: '', tool_calls }, done: false });
    }
    const done_reason = isCut ? 'length' : 'stop';
    line({
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason,
      prompt_eval_count: 11,
      eval_count: 7,
    });
    response.end();
  },
  beginStream(response) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write('{"model":"m","message":{"role":"assistant","content":"begin"},"done":false}\n');
  },
  wantsStream: () => true,
  keyIn: bearer,
  textsIn: ({ body }) => list(body['messages']).map((message) => [message['role'], message['content']]),
  limitIn: ({ body }) => at(body['options'], 'num_predict'),
  toolsIn: ({ body }) => list(body['tools']).map((tool) => String(at(tool['function'], 'name'))),
  errorBody: (_code, message) => ({ error: message }),
  codeInError: undefined,
};

/** The protocols that a model can be called by. */
export const providerCases: readonly ProviderCase[] = [openai, anthropic, google, ollama];

function textOf(content: unknown): unknown {
  return typeof content === 'string'
    ? content
    : list(content)
        .map((block) => block['text'])
        .join('');
}

function partsText(parts: unknown): string {
  return list(parts)
    .map((part) => part['text'])
    .join('');
}
