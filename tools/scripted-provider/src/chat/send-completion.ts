import type { Exchange } from '../http/exchange.js';
import type { ScriptReply } from '../script/script.js';
import type { Answer } from './answer.js';
import type { ChatRequest } from './chat-request.js';
import {
  type CompletionIdentity,
  completionBody,
  type CompletionStream,
  completionStream,
} from './completion-wire.js';

const BROKEN_FRAME = 'data: {"id":"chatcmpl-broken","choices":[{"index":0,"delta":{"content":\n\n';

/** How a script wants an answer to be sent; without settings it is sent at once and complete. */
export type Sending = Pick<
  ScriptReply,
  'chunkDelayMs' | 'hangAfterChunks' | 'cutAfterChunks' | 'malformedStream'
>;

/** Sends an answer, streamed or not as requested, with the faults that a script sets. */
export function sendCompletion(
  exchange: Exchange,
  request: ChatRequest,
  answer: Answer,
  identity: CompletionIdentity,
  sending: Sending = {},
): void | Promise<void> {
  if (request.stream !== true) return sendWhole(exchange, completionBody(answer, identity), sending);
  const tellsUsage = request.stream_options?.include_usage === true;
  const stream = completionStream(answer, identity, tellsUsage);
  if (Object.values(sending).some((part) => part !== undefined)) return dripStream(exchange, stream, sending);
  exchange.call.chunksSent = stream.chunks.length;
  exchange.openStream(stream.head + stream.chunks.join('') + stream.tail, true);
}

function sendWhole(exchange: Exchange, body: string, sending: Sending): void {
  if (sending.hangAfterChunks !== undefined) return;
  if (sending.cutAfterChunks === 0) return exchange.hangUp();
  if (sending.cutAfterChunks !== undefined) return exchange.hangUpHalfway(body);
  if (sending.malformedStream === true) return exchange.endWithFault(200, body.slice(0, body.length / 2));
  exchange.end(200, body);
}

async function dripStream(exchange: Exchange, stream: CompletionStream, sending: Sending): Promise<void> {
  const { chunkDelayMs = 0, hangAfterChunks = Infinity, cutAfterChunks = Infinity } = sending;
  exchange.openStream(stream.head);
  for (const [index, chunk] of stream.chunks.entries()) {
    if (index >= hangAfterChunks) return;
    if (index >= cutAfterChunks) return exchange.hangUp();
    if (index > 0 && chunkDelayMs > 0 && !(await exchange.wait(chunkDelayMs))) return;
    exchange.write(chunk);
    exchange.call.chunksSent += 1;
    if (index === 0 && sending.malformedStream === true) exchange.write(BROKEN_FRAME);
  }
  if (hangAfterChunks !== Infinity) return;
  if (cutAfterChunks !== Infinity) return exchange.hangUp();
  exchange.endStream(stream.tail, sending.malformedStream === true);
}
