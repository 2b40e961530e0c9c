import { ChatAnthropic } from '@langchain/anthropic';
import type { AIMessageChunk } from '@langchain/core/messages';
import type { ChatGenerationChunk } from '@langchain/core/outputs';
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

  // The last event counts all output tokens; those that the first one names are among them.
  override async *_streamResponseChunks(
    ...args: Parameters<ChatAnthropic['_streamResponseChunks']>
  ): AsyncGenerator<ChatGenerationChunk> {
    let isFirst = true;
    for await (const chunk of super._streamResponseChunks(...args)) {
      const message = chunk.message as AIMessageChunk;
      const usage = message.usage_metadata;
      if (isFirst && usage !== undefined) {
        message.usage_metadata = { ...usage, output_tokens: 0, total_tokens: usage.input_tokens };
      }
      isFirst = false;
      yield chunk;
    }
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
    clientOptions: { fetch: providerFetch(transport), logLevel: 'off', timeout: 3_600_000 },
  });
  return {
    maxOutputTokens: chat.profile.maxOutputTokens,
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
