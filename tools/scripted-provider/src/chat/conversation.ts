import type { ChatMessage } from './chat-request.js';

/** The text of a message; parts that aren't text are left out. */
export function textOf(message: ChatMessage | undefined): string {
  const content = message?.content;
  if (typeof content === 'string') return content;
  return content?.map((part) => part.text ?? '').join('') ?? '';
}

/** Text of the last message of any role. */
export function lastText(messages: readonly ChatMessage[]): string {
  return textOf(messages.at(-1));
}

/** Text of the last message of the user; of the last message when there is none of the user. */
export function lastUserText(messages: readonly ChatMessage[]): string {
  return textOf(messages.findLast((message) => message.role === 'user') ?? messages.at(-1));
}

/** The messages after the last message of the user. */
export function sinceLastUser(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return messages.slice(messages.findLastIndex((message) => message.role === 'user') + 1);
}

/** One tool's answer in a conversation. */
export interface ToolResult {
  readonly name: string;
  readonly text: string;
}

/** The tools called in these messages, each with its answer, in the order of the answers. */
export function toolResults(messages: readonly ChatMessage[]): readonly ToolResult[] {
  const names = new Map<string, string>();
  const results: ToolResult[] = [];
  for (const message of messages) {
    for (const call of message.tool_calls ?? []) names.set(call.id, call.function.name);
    if (message.role !== 'tool') continue;
    results.push({ name: names.get(message.tool_call_id ?? '') ?? 'tool', text: textOf(message) });
  }
  return results;
}
