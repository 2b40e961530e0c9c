import type { ChatMessage, ChatTool } from './chat-request.js';
import { textOf } from './conversation.js';

const CHARS_PER_TOKEN = 4;
const TOKENS_PER_MESSAGE = 4;

/** Splits a text into words, each with the blanks before it; the last also has those after it. Joined they are the text. */
export function splitWords(text: string): string[] {
  if (text.trim() === '') return text === '' ? [] : [text];
  return text.match(/\s*\S+(?:\s+$)?/g) ?? [];
}

/** How many words `splitWords` would return. */
export function countWords(text: string): number {
  return text === '' ? 0 : Math.max(1, text.match(/\S+/g)?.length ?? 0);
}

/** Tokens of a text that isn't prose (JSON, say): four characters each. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

/** Tokens of a prompt: four characters each, and four for every message and tool. */
export function countPromptTokens(
  messages: readonly ChatMessage[],
  tools: readonly ChatTool[] | null | undefined,
): number {
  let chars = 0;
  for (const message of messages) {
    chars += textOf(message).length;
    for (const call of message.tool_calls ?? []) chars += call.function.arguments.length;
  }
  for (const tool of tools ?? []) chars += tool.function.description?.length ?? 0;
  const parts = messages.length + (tools?.length ?? 0);
  return Math.ceil(chars / CHARS_PER_TOKEN) + TOKENS_PER_MESSAGE * parts;
}
