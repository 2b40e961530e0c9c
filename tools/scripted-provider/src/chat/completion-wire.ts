import type { Answer } from './answer.js';
import { splitWords } from './tokens.js';

/** Characters of a tool call's arguments in one chunk of a stream. */
const ARGUMENTS_PER_CHUNK = 24;

/** The identity of one response. */
export interface CompletionIdentity {
  /** Unique for every response: clients replace a message by a later one of the same id. */
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly createdS: number;
  /** Ids of the answer's tool calls, in order. */
  readonly toolCallIds: readonly string[];
}

/** A streamed response: the opening frame, one frame for each chunk, and the frames that end it. */
export interface CompletionStream {
  readonly head: string;
  readonly chunks: readonly string[];
  readonly tail: string;
}

/** The body of a response that isn't streamed. */
export function completionBody(answer: Answer, identity: CompletionIdentity): string {
  const message = `{"role":"assistant","content":${JSON.stringify(answer.content)}${toolCallsField(answer, identity)},"refusal":null}`;
  const usage = answer.usage === null ? '' : `,"usage":${usageJson(answer.usage)}`;
  return `{"id":"${identity.id}","object":"chat.completion",${madeBy(identity)},"choices":[{"index":0,"message":${message},"logprobs":null,"finish_reason":"${answer.finishReason}"}]${usage}}`;
}

/**
 * The frames of a streamed response.
 *
 * @param tellsUsage  whether the request asked for a last frame with the usage
 */
export function completionStream(
  answer: Answer,
  identity: CompletionIdentity,
  tellsUsage: boolean,
): CompletionStream {
  const usageNull = tellsUsage ? ',"usage":null' : '';
  const opening = `data: {"id":"${identity.id}","object":"chat.completion.chunk",${madeBy(identity)},"choices":`;
  const frame = (delta: string, finishReason = 'null'): string =>
    `${opening}[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finishReason}}]${usageNull}}\n\n`;

  const words = answer.chunks ?? splitWords(answer.content ?? '');
  const chunks = words.map((word) => frame(`{"content":${JSON.stringify(word)}}`));
  answer.toolCalls.forEach((call, index) => {
    const named = `"id":"${identity.toolCallIds[index]}","type":"function","function":{"name":${JSON.stringify(call.name)},"arguments":""}`;
    chunks.push(frame(`{"tool_calls":[{"index":${index},${named}}]}`));
    for (let at = 0; at < call.arguments.length; at += ARGUMENTS_PER_CHUNK) {
      const piece = JSON.stringify(call.arguments.slice(at, at + ARGUMENTS_PER_CHUNK));
      chunks.push(frame(`{"tool_calls":[{"index":${index},"function":{"arguments":${piece}}}]}`));
    }
  });

  const usage =
    tellsUsage && answer.usage !== null ? `${opening}[],"usage":${usageJson(answer.usage)}}\n\n` : '';
  return {
    head: frame(`{"role":"assistant","content":${answer.content === null ? 'null' : '""'},"refusal":null}`),
    chunks,
    tail: `${frame('{}', `"${answer.finishReason}"`)}${usage}data: [DONE]\n\n`,
  };
}

function madeBy({ createdS, model }: CompletionIdentity): string {
  return `"created":${createdS},"model":${JSON.stringify(model)},"system_fingerprint":"fp_scripted"`;
}

function toolCallsField({ toolCalls }: Answer, { toolCallIds }: CompletionIdentity): string {
  if (toolCalls.length === 0) return '';
  const calls = toolCalls.map((call, index) => ({
    id: toolCallIds[index],
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  return `,"tool_calls":${JSON.stringify(calls)}`;
}

function usageJson({ promptTokens, completionTokens }: NonNullable<Answer['usage']>): string {
  return `{"prompt_tokens":${promptTokens},"completion_tokens":${completionTokens},"total_tokens":${promptTokens + completionTokens}}`;
}
