import { z } from 'zod';
import { Refusal } from '../http/refusal.js';

const part = z.object({ type: z.string(), text: z.string().optional() });

const toolCall = z.object({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z.union([z.string(), z.array(part)]).nullish(),
  tool_calls: z.array(toolCall).nullish(),
  tool_call_id: z.string().optional(),
});

const tool = z.object({
  type: z.literal('function', { error: 'only tools of type "function" are known here' }),
  function: z.object({
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, "must match '^[a-zA-Z0-9_-]{1,64}$'"),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
});

const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({ name: z.string().min(1), schema: z.record(z.string(), z.unknown()).nullish() }),
  }),
]);

const tokenLimit = z.int().min(1).nullish();

const chatRequest = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormat.nullish(),
  max_tokens: tokenLimit,
  max_completion_tokens: tokenLimit,
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  n: z.literal(1, { error: 'this provider gives one choice; n must be 1' }).nullish(),
});

/** The fields of a chat completion request that this provider uses. */
export type ChatRequest = z.infer<typeof chatRequest>;
export type ChatMessage = z.infer<typeof message>;
export type ChatTool = z.infer<typeof tool>;

/**
 * Reads a chat completion request as strictly as OpenAI does where a client is likely to be wrong: every tool call must
 * be answered by a tool message and every tool message must answer a tool call.
 *
 * @throws Refusal 400 naming the field
 */
export function parseChatRequest(body: unknown): ChatRequest {
  const parsed = chatRequest.safeParse(body);
  if (!parsed.success) throw refusalOf(parsed.error);
  const request = parsed.data;
  checkContents(request.messages);
  checkToolMessages(request.messages);
  checkToolChoice(request);
  return request;
}

/** The first problem, named as OpenAI does: `messages[0].role`. */
export function refusalOf(error: z.ZodError): Refusal {
  const issue = error.issues[0];
  const param = issue === undefined ? '' : z.core.toDotPath(issue.path);
  return new Refusal(
    400,
    `Invalid '${param === '' ? 'body' : param}': ${issue?.message ?? 'not accepted'}`,
    param,
  );
}

function checkContents(messages: readonly ChatMessage[]): void {
  messages.forEach(({ role, content }, index) => {
    if (role === 'assistant' || (content !== null && content !== undefined)) return;
    const param = `messages[${index}].content`;
    throw new Refusal(400, `Invalid '${param}': a message of role '${role}' needs content.`, param);
  });
}

function checkToolMessages(messages: readonly ChatMessage[]): void {
  let open = new Set<string>();
  messages.forEach((message, index) => {
    const param = `messages[${index}].role`;
    if (message.role === 'tool') {
      if (message.tool_call_id !== undefined && open.delete(message.tool_call_id)) return;
      throw new Refusal(
        400,
        `Invalid '${param}': a message of role 'tool' must answer, by its tool_call_id, one of the 'tool_calls' of the assistant message before it.`,
        param,
      );
    }
    refuseUnanswered(open, param);
    if (message.tool_calls) open = new Set(message.tool_calls.map((call) => call.id));
  });
  refuseUnanswered(open, `messages[${messages.length}].role`);
}

function refuseUnanswered(open: ReadonlySet<string>, param: string): void {
  if (open.size === 0) return;
  throw new Refusal(
    400,
    `An assistant message with 'tool_calls' must be followed by tool messages answering each of them. Unanswered: ${[...open].join(', ')}`,
    param,
  );
}

function checkToolChoice({ tool_choice, tools }: ChatRequest): void {
  if (!tool_choice || tool_choice === 'none' || tool_choice === 'auto') return;
  const name = typeof tool_choice === 'object' ? tool_choice.function.name : undefined;
  const isOffered = tools?.some((tool) => name === undefined || tool.function.name === name);
  if (isOffered) return;
  const what = name === undefined ? "'required' needs 'tools'" : `tool '${name}' is not among 'tools'`;
  throw new Refusal(400, `Invalid 'tool_choice': ${what}.`, 'tool_choice');
}
