import type { Exchange } from '../http/exchange.js';
import { playReply } from '../http/play-reply.js';
import { parseJsonBody } from '../http/read-body.js';
import type { ScriptPlayer } from '../script/script-player.js';
import { scriptedAnswer } from '../script/scripted-answer.js';
import type { Answer } from './answer.js';
import { type ChatRequest, parseChatRequest } from './chat-request.js';
import type { CompletionIdentity } from './completion-wire.js';
import { defaultAnswer } from './default-answer.js';
import { sendCompletion } from './send-completion.js';

const NO_TOOLS: readonly string[] = [];

/**
 * Answers a chat completion request by the script, or by default where no rule fits.
 *
 * @param idPrefix  differs between providers, so that ids never repeat
 * @throws          Refusal when the request isn't one
 */
export function answerChat(
  exchange: Exchange,
  body: string,
  player: ScriptPlayer,
  idPrefix: string,
): void | Promise<void> {
  const request = parseChatRequest(parseJsonBody(body));
  const { call } = exchange;
  call.model = request.model;
  call.toolNames = request.tools?.map((tool) => tool.function.name) ?? NO_TOOLS;
  call.isStream = request.stream === true;
  const { model, messages, tools } = request;
  const cue = player.next({ endpoint: 'chat', model, messages, tools });
  call.rule = cue?.name ?? 'default';
  if (cue === undefined) {
    const answer = defaultAnswer(request);
    return sendCompletion(exchange, request, answer, identityOf(exchange, request, answer, idPrefix));
  }
  const { chunkDelayMs, hangAfterChunks, cutAfterChunks, malformedStream } = cue.reply;
  const sending = { chunkDelayMs, hangAfterChunks, cutAfterChunks, malformedStream };
  return playReply(exchange, cue.reply, () => {
    const answer = scriptedAnswer(request, cue.reply);
    return sendCompletion(
      exchange,
      request,
      answer,
      identityOf(exchange, request, answer, idPrefix),
      sending,
    );
  });
}

function identityOf(
  { call }: Exchange,
  { model }: ChatRequest,
  { toolCalls }: Answer,
  idPrefix: string,
): CompletionIdentity {
  const unique = `${idPrefix}${call.sequence}`;
  return {
    id: `chatcmpl-${unique}`,
    model,
    createdS: Math.floor(Date.now() / 1000),
    toolCallIds: toolCalls.map((_call, index) => `call_${unique}_${index}`),
  };
}
