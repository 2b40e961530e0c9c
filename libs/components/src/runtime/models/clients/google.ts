import { isPlainObject } from '@causeway/dag';
import { ChatGoogleGenerativeAI } from '@langchain/google-genai';
import { type ChatCall, type ChatClient, cutReason } from './chat-client.js';
import { type WireJson, mapEvents, postJson, readEvents, readWhole } from '../providers/wire.js';
import type { ClientOptions } from './client-options.js';
import { offeredTools } from './offered-tools.js';

/**
 * Implements Google's generateContent, with our own transport instead of Google's package: that package accepts no
 * signal for whole answers, has no idle time, and causes an unhandled rejection when a stream breaks, which would end
 * the process. One model object per call, since LangChain does not pass the signal on.
 */
export function googleClient(options: ClientOptions): ChatClient {
  const { profile } = new ChatGoogleGenerativeAI({ model: options.model, apiKey: 'none' });
  return {
    maxOutputTokens: profile.maxOutputTokens,
    open: (call) => ({ model: chatGoogle(options, call), options: callOptions(call) }),
  };
}

function chatGoogle(options: ClientOptions, call: ChatCall): ChatGoogleGenerativeAI {
  const { temperature, topP, topK, stop, jsonMode } = options.parameters;
  const chat = new ChatGoogleGenerativeAI({
    model: options.model,
    // Otherwise the package reads it from the environment.
    apiKey: 'none',
    baseUrl: options.baseUrl,
    maxRetries: 0,
    maxOutputTokens: call.maxTokens,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(stop === undefined ? {} : { stopSequences: [...stop] }),
    ...(jsonMode === true ? { json: true } : {}),
  });
  // It is private only in the types, and the only way to replace the client of this class.
  (chat as unknown as { client: GoogleWire }).client = googleWire(options, call.signal);
  return chat;
}

function callOptions({ tools, mustCall }: ChatCall): Record<string, unknown> {
  return {
    ...(tools.length === 0 ? {} : { tools: offeredTools(tools).map(plainSchema) }),
    ...(mustCall === undefined ? {} : { tool_choice: mustCall }),
  };
}

/** Gemini supports only a part of JSON Schema, and refuses the rest. */
function plainSchema(tool: ReturnType<typeof offeredTools>[number]): object {
  return { ...tool, function: { ...tool.function, parameters: strip(tool.function.parameters) } };
}

const unknownToGemini: ReadonlySet<string> = new Set([
  'additionalProperties',
  'default',
  'title',
  '$schema',
  'minItems',
]);

function strip(schema: unknown, isProperties = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => strip(item));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      // The names below `properties` are the tool's own.
      .filter(([name]) => isProperties || !unknownToGemini.has(name))
      .map(([name, value]) => [name, strip(value, !isProperties && name === 'properties')]),
  );
}

/** The methods of its client that LangChain's class uses. */
interface GoogleWire {
  generateContent(request: object): Promise<{ response: WireJson }>;
  generateContentStream(request: object): Promise<{ stream: AsyncIterable<WireJson> }>;
}

function googleWire({ baseUrl, key, model, transport }: ClientOptions, signal: AbortSignal): GoogleWire {
  const base = `${baseUrl}/v1beta/models/${encodeURIComponent(model.replace(/^models\//, ''))}`;
  const headers = { 'x-goog-api-key': key };
  const post = (task: string, body: object): ReturnType<typeof postJson> =>
    postJson({ url: `${base}:${task}`, headers, body, signal }, transport);
  return {
    generateContent: async (request) => ({
      response: withContent(await readWhole(await post('generateContent', request))),
    }),
    generateContentStream: async (request) => ({
      stream: mapEvents(readEvents(await post('streamGenerateContent?alt=sse', request)), withContent),
    }),
  };
}

/**
 * There is no content when a model used all its tokens for thinking, or when a filter stopped it; and no answer at all
 * when a filter stopped the prompt. LangChain would fail.
 */
function withContent(response: WireJson): WireJson {
  const { candidates, promptFeedback } = response;
  const [first] = Array.isArray(candidates) ? (candidates as unknown[]) : [];
  const content = { role: 'model', parts: [{ text: '' }] };
  if (first === undefined && isPlainObject(promptFeedback) && promptFeedback['blockReason'] !== undefined)
    return { ...response, candidates: [{ content, finishReason: 'PROHIBITED_CONTENT' }] };
  if (!isPlainObject(first) || cutReason(String(first['finishReason'])) === undefined) return response;
  const given = first['content'];
  if (isPlainObject(given) && Array.isArray(given['parts'])) return response;
  return { ...response, candidates: [{ ...first, content }] };
}
