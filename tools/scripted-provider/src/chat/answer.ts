import type { ChatRequest } from './chat-request.js';
import { countPromptTokens, countTokens, countWords, splitWords } from './tokens.js';

/** A tool call the model makes; its id is given when it is sent. */
export interface AnswerToolCall {
  readonly name: string;
  /** JSON, or another text that a script sets instead. */
  readonly arguments: string;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** Tokens an answer is charged with. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** The model's answer, before it is sent. */
export interface Answer {
  /** null when it only calls tools. */
  readonly content: string | null;
  /** The pieces a stream sends the content in; its words when absent. */
  readonly chunks?: readonly string[];
  readonly toolCalls: readonly AnswerToolCall[];
  readonly finishReason: FinishReason;
  /** null: the provider sends none. */
  readonly usage: Usage | null;
}

/** An answer in words, cut where the request's `stop` and token limit say. A token is a word here. */
export function textAnswer(request: ChatRequest, text: string): Answer {
  const stopped = cutAtStop(text, request.stop ?? []);
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Infinity;
  const isCut = countWords(stopped) > limit;
  const content = isCut ? splitWords(stopped).slice(0, limit).join('') : stopped;
  return {
    content,
    toolCalls: [],
    finishReason: isCut ? 'length' : 'stop',
    usage: usageOf(request, content, []),
  };
}

/** An answer that calls tools, with or without words. */
export function toolAnswer(
  request: ChatRequest,
  toolCalls: readonly AnswerToolCall[],
  content: string | null = null,
): Answer {
  // OpenAI ends a call it was made to make by name with "stop".
  const isNamed = typeof request.tool_choice === 'object' && request.tool_choice !== null;
  return {
    content,
    toolCalls,
    finishReason: isNamed ? 'stop' : 'tool_calls',
    usage: usageOf(request, content ?? '', toolCalls),
  };
}

/** The tokens of an answer: the prompt by its characters, words by their number, tool calls by their characters. */
export function usageOf(request: ChatRequest, content: string, toolCalls: readonly AnswerToolCall[]): Usage {
  let completionTokens = countWords(content);
  for (const call of toolCalls) completionTokens += countTokens(call.name) + countTokens(call.arguments);
  return { promptTokens: countPromptTokens(request.messages, request.tools), completionTokens };
}

function cutAtStop(text: string, stop: string | readonly string[]): string {
  let end = text.length;
  for (const sequence of typeof stop === 'string' ? [stop] : stop) {
    const at = sequence === '' ? -1 : text.indexOf(sequence);
    if (at !== -1) end = Math.min(end, at);
  }
  return text.slice(0, end);
}
