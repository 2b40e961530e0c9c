import { ChatAnthropic } from '@langchain/anthropic';
import type { ChatClient } from '../chat-client.js';
import { providerFetch } from '../provider-fetch.js';
import type { ClientOptions } from './client-options.js';
import { offeredTools } from './offered-tools.js';

// The output limit shrinks with each call of a run, so it is an option of the call rather than of the client.
class CappedAnthropic extends ChatAnthropic {
  override invocationParams(
    options?: this['ParsedCallOptions'] & { maxTokens?: number },
  ): ReturnType<ChatAnthropic['invocationParams']> {
    const params = super.invocationParams(options);
    return options?.maxTokens === undefined ? params : { ...params, max_tokens: options.maxTokens };
  }
}

/** Speaks Anthropic's messages. */
export function anthropicClient({ baseUrl, key, model, parameters, transport }: ClientOptions): ChatClient {
  const { temperature, topP, topK, stop } = parameters;
  const chat = new CappedAnthropic({
    model,
    apiKey: key ?? 'none',
    anthropicApiUrl: baseUrl,
    maxRetries: 0,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(stop === undefined ? {} : { stopSequences: [...stop] }),
    // A timeout of its own keeps the package from refusing long answers that are not streamed.
    clientOptions: { fetch: providerFetch(transport, 'lean'), logLevel: 'off', timeout: 3_600_000 },
  });
  return {
    open: ({ maxTokens, tools, mustCall }) => ({
      model: chat,
      options: {
        maxTokens,
        ...(tools.length === 0 ? {} : { tools: offeredTools(tools) }),
        ...(mustCall === undefined ? {} : { tool_choice: { type: 'tool', name: mustCall } }),
      },
    }),
  };
}
