import { AIMessage, type InvalidToolCall } from '@langchain/core/messages';
import { ChatOpenAICompletions } from '@langchain/openai';
import type { ChatCall, ChatClient } from './chat-client.js';
import { type WireJson, mapEvents, postJson, readEvents, readWhole } from '../providers/wire.js';
import type { ClientOptions } from './client-options.js';
import { offeredTools } from './offered-tools.js';
import { refusalReader } from './openai-refusal.js';

/** Reasoning models accept no temperature. */
const reasoning = /^(o\d|gpt-5(?!.*chat))/;

/** Implements OpenAI's chat completions, for OpenAI and every address with the same protocol. */
export function openaiClient(options: ClientOptions): ChatClient {
  const chat = new WiredOpenAI(options);
  return {
    maxOutputTokens: chat.profile.maxOutputTokens,
    open: (call) => ({ model: chat, options: callOptions(call, options.parameters.jsonMode === true) }),
  };
}

function callOptions({ maxTokens, tools, mustCall }: ChatCall, jsonMode: boolean): Record<string, unknown> {
  return {
    maxTokens,
    ...(tools.length === 0 ? {} : { tools: offeredTools(tools) }),
    ...(mustCall === undefined ? {} : { tool_choice: mustCall }),
    ...(jsonMode && mustCall === undefined ? { response_format: { type: 'json_object' } } : {}),
  };
}

type Converter = ChatOpenAICompletions['_convertCompletionsMessageToBaseMessage'];

/**
 * LangChain's model with our own transport instead of OpenAI's package, which costs as much as all the rest of a call,
 * has retries and timeouts of its own, and hides the causes of errors behind them.
 */
class WiredOpenAI extends ChatOpenAICompletions {
  constructor(options: ClientOptions) {
    const { temperature, topP, seed, stop, extra } = options.parameters;
    const isReasoning = reasoning.test(options.model);
    super({
      model: options.model,
      // Otherwise the package reads it from the environment.
      apiKey: 'none',
      configuration: { baseURL: options.baseUrl },
      maxRetries: 0,
      streamUsage: true,
      ...(temperature === undefined || isReasoning ? {} : { temperature }),
      ...(topP === undefined ? {} : { topP }),
      ...(stop === undefined ? {} : { stop: [...stop] }),
      modelKwargs: {
        ...(seed === undefined || isReasoning ? {} : { seed }),
        ...extra,
      },
    });
    // LangChain's class uses only this method of its client.
    this.client = { chat: { completions: { create: openaiWire(options) } } } as unknown as typeof this.client;
  }

  // The output limit becomes smaller with each call of a run, so it is an option of the call, not of the model.
  override invocationParams(
    options?: this['ParsedCallOptions'] & { maxTokens?: number },
    extra?: { streaming?: boolean },
  ): ReturnType<ChatOpenAICompletions['invocationParams']> {
    const params = super.invocationParams(options, extra);
    const limit = 'max_completion_tokens' in params ? 'max_completion_tokens' : 'max_tokens';
    return options?.maxTokens === undefined ? params : { ...params, [limit]: options.maxTokens };
  }

  // LangChain assumes an outdated package when all calls of a message are malformed, and prints a warning.
  override _convertCompletionsMessageToBaseMessage(...args: Parameters<Converter>): ReturnType<Converter> {
    const [message, answer] = args;
    const malformed = malformedCalls(message);
    if (malformed.length === 0 || malformed.length < (message.tool_calls?.length ?? 0)) {
      return super._convertCompletionsMessageToBaseMessage(...args);
    }
    const { tool_calls: _malformed, ...rest } = message;
    const read = super._convertCompletionsMessageToBaseMessage(rest, answer);
    if (read instanceof AIMessage) read.invalid_tool_calls = malformed;
    return read;
  }
}

type Wire = (
  request: { stream?: boolean },
  options: { signal?: AbortSignal },
) => Promise<WireJson | AsyncIterable<WireJson>>;

function openaiWire({ baseUrl, key, parameters, transport }: ClientOptions): Wire {
  const url = `${baseUrl}/chat/completions`;
  const headers = { ...parameters.headers, authorization: key === undefined ? undefined : `Bearer ${key}` };
  return async (request, { signal }) => {
    const answer = await postJson({ url, headers, body: request, signal }, transport);
    const read = refusalReader();
    return request.stream === true ? mapEvents(readEvents(answer), read) : read(await readWhole(answer));
  };
}

function malformedCalls({ tool_calls: calls = [] }: Parameters<Converter>[0]): InvalidToolCall[] {
  return calls.flatMap(({ id, ...call }) => {
    if (call.type !== 'function' || isJson(call.function.arguments)) return [];
    return [{ type: 'invalid_tool_call', id, name: call.function.name, args: call.function.arguments }];
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // The text is no JSON.
    return false;
  }
}
