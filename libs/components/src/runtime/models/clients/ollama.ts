import { ChatOllama } from '@langchain/ollama';
import type { ChatCall, ChatClient } from '../chat-client.js';
import type { ClientOptions } from './client-options.js';
import { offeredTools } from './offered-tools.js';
import { ollamaWire } from './ollama-wire.js';

/**
 * Speaks Ollama's chat. One model object per call, with our own wire in the place of Ollama's package: that one takes no
 * signal, its abort ends every call of the same object, other runs' too, and it prints what it cannot read.
 */
export function ollamaClient(options: ClientOptions): ChatClient {
  return {
    maxOutputTokens: undefined,
    open: (call) => ({ model: chatOllama(options, call), options: callOptions(options, call) }),
  };
}

function chatOllama(options: ClientOptions, call: ChatCall): ChatOllama {
  const { baseUrl, model, parameters } = options;
  const { temperature, topP, topK, seed, extra } = parameters;
  const chat = new ChatOllama({
    ...extra,
    model,
    baseUrl,
    maxRetries: 0,
    numPredict: call.maxTokens,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(seed === undefined ? {} : { seed }),
  });
  // LangChain's class asks its client for nothing but this.
  chat.client = ollamaWire(options, call.signal) as ChatOllama['client'];
  return chat;
}

function callOptions({ parameters }: ClientOptions, { tools, mustCall }: ChatCall): Record<string, unknown> {
  const forced = tools.find(({ name }) => name === mustCall);
  const format =
    forced?.parameters ?? parameters.format ?? (parameters.jsonMode === true ? 'json' : undefined);
  return {
    ...(parameters.stop === undefined ? {} : { stop: [...parameters.stop] }),
    ...(format === undefined ? {} : { format }),
    // Ollama cannot demand a call; it can demand the shape of its arguments as the answer.
    ...(tools.length === 0 || forced !== undefined ? {} : { tools: offeredTools(tools) }),
  };
}
