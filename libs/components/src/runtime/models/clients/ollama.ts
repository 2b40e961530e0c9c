import { ChatOllama } from '@langchain/ollama';
import type { ChatCall, ChatClient } from '../chat-client.js';
import { providerFetch } from '../provider-fetch.js';
import type { ClientOptions } from './client-options.js';
import { offeredTools } from './offered-tools.js';

/**
 * Speaks Ollama's chat. One model object per call: the package does not hand the signal on, and its own abort ends every
 * call of the same object, other runs' too. Making one costs little, since connections are the transport's.
 */
export function ollamaClient(options: ClientOptions): ChatClient {
  return { open: (call) => ({ model: chatOllama(options, call), options: callOptions(options, call) }) };
}

function chatOllama(
  { baseUrl, key, model, parameters, transport }: ClientOptions,
  call: ChatCall,
): ChatOllama {
  const { temperature, topP, topK, seed, extra } = parameters;
  return new ChatOllama({
    ...extra,
    model,
    baseUrl,
    maxRetries: 0,
    numPredict: call.maxTokens,
    fetch: providerFetch(transport, 'full', call.signal),
    ...(key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(seed === undefined ? {} : { seed }),
  });
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
