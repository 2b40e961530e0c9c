import { cutText } from '../cut-text.js';
import { schemaInstance } from '../instance/schema-instance.js';
import { type Answer, type AnswerToolCall, textAnswer, toolAnswer } from './answer.js';
import type { ChatRequest, ChatTool } from './chat-request.js';
import { lastUserText, sinceLastUser, toolResults } from './conversation.js';

const MAX_ECHO = 500;
const MAX_TOOL_RESULT = 200;

/** How the default answer calls several tools: one in each turn, or all in one turn. */
export interface DefaultOptions {
  readonly toolsTogether?: boolean;
}

/**
 * The answer when no rule fits. It depends only on the request.
 *
 * In this order: the call that the request demands; a call of each offered tool that has not been called since the user's last
 * message; an instance of the requested JSON; the results of the tools; the user's message.
 */
export function defaultAnswer(request: ChatRequest, options: DefaultOptions = {}): Answer {
  const { messages, tool_choice, response_format } = request;
  const userText = lastUserText(messages);
  const recent = sinceLastUser(messages);
  const calls = chooseTools(request, recent.flatMap(calledNames), options).map((tool) =>
    callOf(tool, userText),
  );
  if (calls.length > 0) return toolAnswer(request, calls);
  if (response_format?.type === 'json_schema') {
    const value = schemaInstance(response_format.json_schema.schema ?? {}, userText);
    return textAnswer(request, JSON.stringify(value));
  }
  if (response_format?.type === 'json_object') {
    return textAnswer(request, JSON.stringify({ answer: shorten(userText, MAX_ECHO) }));
  }
  const results = tool_choice === 'none' ? [] : toolResults(recent);
  if (results.length === 0) return textAnswer(request, `You said: ${shorten(userText, MAX_ECHO)}`);
  const told = results.map(({ name, text }) => `${name}: ${shorten(text, MAX_TOOL_RESULT)}`).join('\n');
  return textAnswer(request, `The tools answered:\n${told}`);
}

function chooseTools(
  request: ChatRequest,
  called: readonly string[],
  { toolsTogether }: DefaultOptions,
): readonly ChatTool[] {
  const tools = request.tools ?? [];
  const choice = request.tool_choice;
  if (choice === 'none') return [];
  if (typeof choice === 'object' && choice !== null) {
    return tools.filter((tool) => tool.function.name === choice.function.name).slice(0, 1);
  }
  const uncalled = tools.filter((tool) => !called.includes(tool.function.name));
  if (toolsTogether === true && request.parallel_tool_calls !== false) return uncalled;
  // A request that demands a call gets one, even when every tool was already called.
  return (choice === 'required' && uncalled.length === 0 ? tools : uncalled).slice(0, 1);
}

function calledNames(message: ChatRequest['messages'][number]): readonly string[] {
  return message.tool_calls?.map((call) => call.function.name) ?? [];
}

function callOf({ function: { name, parameters } }: ChatTool, userText: string): AnswerToolCall {
  const value = parameters ? schemaInstance({ type: 'object', ...parameters }, userText) : {};
  return { name, arguments: JSON.stringify(value ?? {}) };
}

function shorten(text: string, most: number): string {
  const cut = cutText(text, most);
  return cut === text ? text : `${cut}…`;
}
