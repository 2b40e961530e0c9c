import { ChatAnthropic } from '@langchain/anthropic';
import type { AIMessageChunk } from '@langchain/core/messages';
import type { ChatGenerationChunk } from '@langchain/core/outputs';
import type { ChatClient } from './chat-client.js';
import { type WireJson, postJson, readEvents, readWhole } from '../providers/wire.js';
import type { ClientOptions } from './client-options.js';
import { offeredTools } from './offered-tools.js';

const API_VERSION = '2023-06-01';

/** Implements Anthropic's messages, with our own transport instead of Anthropic's package. */
export function anthropicClient(options: ClientOptions): ChatClient {
  const { temperature, topP, topK, stop } = options.parameters;
  const chat = new CappedAnthropic({
    model: options.model,
    // Otherwise the package reads it from the environment.
    apiKey: 'none',
    anthropicApiUrl: options.baseUrl,
    maxRetries: 0,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(stop === undefined ? {} : { stopSequences: [...stop] }),
    createClient: () => ({ messages: { create: anthropicWire(options) } }),
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

class CappedAnthropic extends ChatAnthropic {
  // The output limit becomes smaller with each call of a run, so it is an option of the call, not of the model.
  override invocationParams(
    options?: this['ParsedCallOptions'] & { maxTokens?: number },
  ): ReturnType<ChatAnthropic['invocationParams']> {
    const params = super.invocationParams(options);
    return options?.maxTokens === undefined ? params : { ...params, max_tokens: options.maxTokens };
  }

  // The last event counts all output tokens, including those of the first event.
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

type Wire = (
  request: { stream?: boolean },
  options?: { signal?: AbortSignal },
) => Promise<WireJson | (AsyncIterable<WireJson> & { controller: object })>;

function anthropicWire({ baseUrl, key, transport }: ClientOptions): Wire {
  const url = `${baseUrl}/v1/messages`;
  const headers = { 'anthropic-version': API_VERSION, 'x-api-key': key };
  return async (request, { signal } = {}) => {
    const answer = await postJson({ url, headers, body: request, signal }, transport);
    if (request.stream !== true) return readWhole(answer);
    // LangChain would use it to abort what the signal has already ended.
    return Object.assign(readEvents(answer), { controller: new AbortController() });
  };
}
