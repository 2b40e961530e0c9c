import { type Answer, textAnswer, toolAnswer, usageOf } from '../chat/answer.js';
import type { ChatRequest } from '../chat/chat-request.js';
import { lastText, lastUserText } from '../chat/conversation.js';
import { defaultAnswer } from '../chat/default-answer.js';
import type { ScriptReply } from './script.js';

/** The answer of a rule's reply to a request; the default answer when the reply only sets how it is sent. */
export function scriptedAnswer(request: ChatRequest, reply: ScriptReply): Answer {
  const spoken = spokenAnswer(request, reply);
  return {
    ...spoken,
    finishReason: reply.finishReason ?? spoken.finishReason,
    usage: reply.usage === undefined ? spoken.usage : reply.usage,
  };
}

function spokenAnswer(request: ChatRequest, reply: ScriptReply): Answer {
  const toolCalls = reply.toolCalls?.map(({ name, args }) => ({
    name,
    arguments: typeof args === 'string' ? args : JSON.stringify(args ?? {}),
  }));
  if (reply.chunks !== undefined) {
    const content = reply.chunks.join('');
    const calls = toolCalls ?? [];
    const finishReason = calls.length > 0 ? 'tool_calls' : 'stop';
    return {
      content,
      chunks: reply.chunks,
      toolCalls: calls,
      finishReason,
      usage: usageOf(request, content, calls),
    };
  }
  const text = reply.text === undefined ? contentOf(reply) : fillTemplate(reply.text, request);
  if (toolCalls !== undefined) return toolAnswer(request, toolCalls, text ?? null);
  if (text !== undefined) return textAnswer(request, text);
  return defaultAnswer(request, { toolsTogether: reply.toolsTogether === true });
}

function contentOf(reply: ScriptReply): string | undefined {
  return reply.json === undefined ? undefined : JSON.stringify(reply.json);
}

function fillTemplate(text: string, request: ChatRequest): string {
  if (!text.includes('{{')) return text;
  return text
    .replaceAll('{{lastMessage}}', () => lastText(request.messages))
    .replaceAll('{{lastUserMessage}}', () => lastUserText(request.messages));
}
