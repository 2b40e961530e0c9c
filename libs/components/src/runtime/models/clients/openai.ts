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
  return { open: (call) => ({ model: chat, options: callOptions(call, parameters.jsonMode === true) }) };
}

function callOptions({ maxTokens, tools, mustCall }: ChatCall, jsonMode: boolean): Record<string, unknown> {
  return {
    maxTokens,
    ...(tools.length === 0 ? {} : { tools: offeredTools(tools) }),
    ...(mustCall === undefined ? {} : { tool_choice: mustCall }),
    ...(jsonMode && mustCall === undefined ? { response_format: { type: 'json_object' } } : {}),
  };
}
