import { isPlainObject, type JsonObject } from '@causeway/dag';
import {
  AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  type MessageContent,
  SystemMessage,
  ToolMessage,
} from '@langchain/core/messages';
import type { FileReader } from '../../component.js';
import type { AssistantTurn, ToolCall, Turn } from '../conversation.js';

const imageTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

/** Gemini refuses a conversation in which its own signatures of calls are missing. */
const MARKS = ['__gemini_function_call_thought_signatures__'];

/** A conversation as LangChain's models take it; uploaded images are read. */
export async function toLangChain(turns: readonly Turn[], files: FileReader): Promise<BaseMessage[]> {
  const messages: BaseMessage[] = [];
  for (const turn of turns) {
    switch (turn.role) {
      case 'system':
        messages.push(new SystemMessage(turn.text));
        break;
      case 'user':
        messages.push(
          new HumanMessage(turn.files?.length ? await withImages(turn.text, turn.files, files) : turn.text),
        );
        break;
      case 'assistant':
        messages.push(toAIMessage(turn));
        break;
      case 'tool':
        messages.push(
          new ToolMessage({
            content: turn.text,
            tool_call_id: turn.callId,
            name: turn.name,
            status: turn.failed === true ? 'error' : 'success',
          }),
        );
        break;
    }
  }
  return messages;
}

function toAIMessage(turn: AssistantTurn): AIMessage {
  const calls = turn.toolCalls ?? [];
  return new AIMessage({
    content: (turn.content ?? turn.text) as MessageContent,
    tool_calls: calls.map(({ id, name, args }) => ({ id, name, args, type: 'tool_call' as const })),
    ...(turn.marks === undefined ? {} : { additional_kwargs: turn.marks }),
  });
}

async function withImages(
  text: string,
  paths: readonly string[],
  files: FileReader,
): Promise<MessageContent> {
  const blocks: { type: 'text'; text: string }[] | { type: 'image_url'; image_url: { url: string } }[] = [];
  const content: (typeof blocks)[number][] = text === '' ? [] : [{ type: 'text', text }];
  for (const path of paths) {
    const type = imageTypes[path.slice(path.lastIndexOf('.') + 1).toLowerCase()];
    if (type === undefined) continue;
    const { bytes } = await files.read(path);
    const url = `data:${type};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`;
    content.push({ type: 'image_url', image_url: { url } });
  }
  return content.some(({ type }) => type === 'image_url') ? content : text;
}

/** The answer of a model, as JSON. Calls without an id of their own get one from their position. */
export function toAssistantTurn(message: AIMessage | AIMessageChunk): AssistantTurn {
  const parsed = (message.tool_calls ?? []).map(({ id, name, args }, index) => ({
    id: id || `call_${index + 1}`,
    name,
    args: args as unknown,
  }));
  // Providers check that arguments are JSON, not that they are an object.
  const calls = parsed.filter((call): call is ToolCall => isPlainObject(call.args));
  const bad = [
    ...parsed.filter(({ args }) => !isPlainObject(args)).map(({ id, name }) => ({ id, name })),
    ...(message.invalid_tool_calls ?? []).map(({ id, name }, index) => ({
      id: id || `bad_call_${index + 1}`,
      name: name ?? '',
    })),
  ];
  const marks = MARKS.filter((mark) => message.additional_kwargs[mark] !== undefined).map((mark) => [
    mark,
    message.additional_kwargs[mark],
  ]);
  const usage = message.usage_metadata;
  return {
    role: 'assistant',
    text: textOf(message.content),
    // Blocks are needed only if the provider must receive them again together with the results of calls.
    ...(Array.isArray(message.content) && calls.length > 0
      ? { content: message.content as JsonObject[] }
      : {}),
    ...(calls.length > 0 ? { toolCalls: calls } : {}),
    ...(bad.length > 0 ? { badToolCalls: bad } : {}),
    ...(marks.length > 0 ? { marks: Object.fromEntries(marks) as JsonObject } : {}),
    ...(usage?.input_tokens === undefined || usage.output_tokens === undefined
      ? {}
      : { usage: { input: usage.input_tokens, output: usage.output_tokens } }),
  };
}

/** The text of a message: a string, or its text blocks joined. */
export function textOf(content: MessageContent): string {
  if (typeof content === 'string') return content;
  return content
    .map((block) => (block.type === 'text' && typeof block['text'] === 'string' ? block['text'] : ''))
    .join('');
}
