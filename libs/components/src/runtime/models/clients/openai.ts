import { AIMessage, type InvalidToolCall } from '@langchain/core/messages';
import { ChatOpenAICompletions } from '@langchain/openai';
import type { ChatCall, ChatClient } from '../chat-client.js';
import { providerFetch } from '../provider-fetch.js';
import type { ClientOptions } from './client-options.js';
import { offeredTools } from './offered-tools.js';

/** Reasoning models accept no temperature. */
const reasoning = /^(o\d|gpt-5(?!.*chat))/;

/** Members of a request that are ours to set, or no setting at all. */
const reserved: ReadonlySet<string> = new Set([
  'api_key',
  'messages',
  'model',
  'stream',
  'stream_options',
  'tools',
]);

type WireMessage = Parameters<ChatOpenAICompletions['_convertCompletionsMessageToBaseMessage']>[0];

// The output limit shrinks with each call of a run, so it is an option of the call rather than of the client.
class CappedOpenAI extends ChatOpenAICompletions {
  override invocationParams(
    options?: this['ParsedCallOptions'] & { maxTokens?: number },
    extra?: { streaming?: boolean },
  ): ReturnType<ChatOpenAICompletions['invocationParams']> {
    const params = super.invocationParams(options, extra);
    const limit = 'max_completion_tokens' in params ? 'max_completion_tokens' : 'max_tokens';
    return options?.maxTokens === undefined ? params : { ...params, [limit]: options.maxTokens };
  }

  // A message whose calls are all malformed is taken for one of an outdated package, which is printed as a warning.
  override _convertCompletionsMessageToBaseMessage(
    ...[message, answer]: Parameters<ChatOpenAICompletions['_convertCompletionsMessageToBaseMessage']>
  ): ReturnType<ChatOpenAICompletions['_convertCompletionsMessageToBaseMessage']> {
    const malformed = malformedCalls(message);
    if (malformed.length === 0 || malformed.length < (message.tool_calls?.length ?? 0)) {
      return super._convertCompletionsMessageToBaseMessage(message, answer);
    }
    const { tool_calls: _malformed, ...rest } = message;
    const read = super._convertCompletionsMessageToBaseMessage(rest, answer);
    if (read instanceof AIMessage) read.invalid_tool_calls = malformed;
    return read;
  }
}

function malformedCalls({ tool_calls: calls = [] }: WireMessage): InvalidToolCall[] {
  return calls.flatMap((call) =>
    call.type === 'function' && !isJson(call.function.arguments)
      ? [
          {
            type: 'invalid_tool_call' as const,
            id: call.id,
            name: call.function.name,
            args: call.function.arguments,
          },
        ]
      : [],
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // That is the question.
    return false;
  }
}

/** Speaks OpenAI's chat completions, to OpenAI or to any address that does the same. */
export function openaiClient({ baseUrl, key, model, parameters, transport }: ClientOptions): ChatClient {
  const { temperature, topP, seed, stop, extra, headers } = parameters;
  const kwargs = Object.entries(extra ?? {}).filter(([name]) => !reserved.has(name));
  const chat = new CappedOpenAI({
    model,
    // Without a key there must still be one: the package would look for it in the environment.
    apiKey: key ?? 'none',
    maxRetries: 0,
    streamUsage: true,
    ...(temperature === undefined || reasoning.test(model) ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(stop === undefined ? {} : { stop: [...stop] }),
    modelKwargs: {
      ...(seed === undefined || reasoning.test(model) ? {} : { seed }),
      ...Object.fromEntries(kwargs),
    },
    configuration: {
      baseURL: baseUrl,
      fetch: providerFetch(transport),
      logLevel: 'off',
      ...(headers === undefined ? {} : { defaultHeaders: headers }),
    },
  });
  return {
    maxOutputTokens: chat.profile.maxOutputTokens,
    open: (call) => ({ model: chat, options: callOptions(call, parameters.jsonMode === true) }),
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
