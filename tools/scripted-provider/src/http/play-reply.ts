import type { ScriptReply } from '../script/script.js';
import { type Exchange, JSON_TYPE } from './exchange.js';
import { errorBody } from './refusal.js';

const CODES: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  404: 'model_not_found',
  429: 'rate_limit_exceeded',
};
const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Incorrect API key provided.',
  429: 'Rate limit reached. Please try again later.',
  500: 'The server had an error while processing your request.',
  503: 'The engine is currently overloaded, please try again later.',
};

/**
 * Executes the part of a reply before any answer: its delay, its silence, its error. Returns the answer unless one of these
 * replaced it.
 */
export async function playReply(
  exchange: Exchange,
  reply: ScriptReply,
  giveAnswer: () => void | Promise<void>,
): Promise<void> {
  if (reply.delayMs !== undefined && !(await exchange.wait(reply.delayMs))) return;
  if (reply.hang === true) return;
  if (reply.rawBody !== undefined || reply.status !== undefined) return sendFault(exchange, reply);
  await giveAnswer();
}

function sendFault(exchange: Exchange, reply: ScriptReply): void {
  const status = reply.status ?? 200;
  const message = reply.errorMessage ?? MESSAGES[status] ?? `The script answers with status ${status}.`;
  const body = reply.rawBody ?? errorBody(status, message, null, reply.errorCode ?? CODES[status] ?? null);
  const headers =
    reply.retryAfterSeconds === undefined ? {} : { 'retry-after': String(reply.retryAfterSeconds) };
  exchange.endWithFault(status, body, reply.contentType ?? JSON_TYPE, headers);
}
