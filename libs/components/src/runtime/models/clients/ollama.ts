import { ChatOllama } from '@langchain/ollama';
import type { ChatCall, ChatClient } from './chat-client.js';
import { type WireJson, postJson, readLines } from '../providers/wire.js';
import type { ClientOptions } from './client-options.js';
import { offeredTools } from './offered-tools.js';

/**
 * Implements Ollama's chat, with our own transport instead of Ollama's package: an abort there ends every call of the
 * same object, also those of other runs, and the package prints what it cannot read. One model object per call, since
 * LangChain does not pass the signal on.
 */
export function ollamaClient(options: ClientOptions): ChatClient {
  return {
    maxOutputTokens: undefined,
    open: (call) => ({ model: chatOllama(options, call), options: callOptions(options, call) }),
  };
}

function chatOllama(options: ClientOptions, call: ChatCall): ChatOllama {
  const { temperature, topP, topK, seed, extra } = options.parameters;
  const chat = new ChatOllama({
    ...extra,
    model: options.model,
    baseUrl: options.baseUrl,
    maxRetries: 0,
    numPredict: call.maxTokens,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(seed === undefined ? {} : { seed }),
  });
  // LangChain's class uses only this method of its client.
  chat.client = { chat: ollamaWire(options, call.signal) } as unknown as ChatOllama['client'];
  return chat;
}

function callOptions({ parameters }: ClientOptions, { tools, mustCall }: ChatCall): Record<string, unknown> {
  const forced = tools.find(({ name }) => name === mustCall);
  const format =
    forced?.parameters ?? parameters.format ?? (parameters.jsonMode === true ? 'json' : undefined);
  return {
    ...(parameters.stop === undefined ? {} : { stop: [...parameters.stop] }),
    ...(format === undefined ? {} : { format }),
    // Ollama cannot require a call; but it can require that the answer has the shape of the arguments.
    ...(tools.length === 0 || forced !== undefined ? {} : { tools: offeredTools(tools) }),
  };
}

type Wire = (request: object) => Promise<AsyncIterable<WireJson>>;

function ollamaWire({ baseUrl, key, transport }: ClientOptions, signal: AbortSignal): Wire {
  const headers = { authorization: key === undefined ? undefined : `Bearer ${key}` };
  return async (request) =>
    readLines(await postJson({ url: `${baseUrl}/api/chat`, headers, body: request, signal }, transport));
}
