import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { type GuardedHttpClient, createGuardedHttp } from '../../guarded-http.js';
import { checkModelCall } from '../../secrets/model-door.js';
import { ProviderFault, connectionFault, isQuotaUsedUp, refusal } from './provider-fault.js';

/** How a client's calls are made. */
export interface TransportOptions {
  /** A call ends when no byte is received for this time. */
  readonly idleTimeoutMs: number;
  /** How often a call is made again after 429, 5xx or a connection that broke before the answer. */
  readonly maxRetries: number;
  /** For addresses that a flow names. @default one that reaches any address */
  readonly dispatcher?: Dispatcher;
}

/** A call of any protocol. */
export interface WireCall {
  readonly url: string | URL;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: string;
  readonly signal: AbortSignal | undefined;
}

/** A successful answer whose body has not been read. */
export type WireAnswer = Dispatcher.ResponseData;

const MAX_ERROR_BYTES = 64 * 1024;
const MAX_RETRY_WAIT_MS = 30_000;
const FIRST_RETRY_WAIT_MS = 500;

// One pool for the process: connections last longer than clients, which change with keys and parameters.
const anywhere = new Agent({ keepAliveTimeout: 30_000, connect: { timeout: 10_000 } });
let publicOnly: GuardedHttpClient | undefined;

/** For addresses that a flow names, if the platform gives no dispatcher: public addresses only. */
export function publicOutbound(): Dispatcher {
  publicOnly ??= createGuardedHttp();
  return publicOnly.dispatcher;
}

/** Closes the open connections to providers, after their calls have ended. */
export async function closeProviderConnections(): Promise<void> {
  await Promise.all([anywhere.close(), publicOnly?.close()]);
}

/**
 * Posts to a provider. After 429 and 5xx the call is made again, after `Retry-After` if the provider sends one of at
 * most 30 s.
 *
 * @throws ProviderFault for every outcome but a success; the signal's reason when it is aborted; CausewayError
 * `SECRET_WITHHELD`
 */
export async function postToProvider(call: WireCall, options: TransportOptions): Promise<WireAnswer> {
  const { headers, body } = call;
  const url = URL.parse(String(call.url));
  // A text that is no URL cannot be called; the request below reports it.
  const held = url === null ? undefined : checkModelCall({ url, headers, body });
  if (held !== undefined) await held;
  for (let retry = 0; ; retry += 1) {
    const outcome = await postOnce(call, options);
    if (!('fault' in outcome)) return outcome;
    if (retry >= options.maxRetries || outcome.retryAfterMs === undefined) throw outcome.fault;
    const { signal } = call;
    const backOffMs = outcome.fault.httpStatus === undefined ? 0 : FIRST_RETRY_WAIT_MS * 2 ** retry;
    await sleep(Math.max(outcome.retryAfterMs, backOffMs), undefined, signal && { signal }).catch(
      () => undefined,
    );
    signal?.throwIfAborted();
  }
}

interface Refused {
  readonly fault: ProviderFault;
  /** Undefined when another call cannot help. */
  readonly retryAfterMs: number | undefined;
}

async function postOnce(call: WireCall, options: TransportOptions): Promise<WireAnswer | Refused> {
  let answer: WireAnswer;
  try {
    answer = await request(call.url, {
      method: 'POST',
      headers: call.headers,
      body: call.body,
      dispatcher: options.dispatcher ?? anywhere,
      headersTimeout: options.idleTimeoutMs,
      bodyTimeout: options.idleTimeoutMs,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  } catch (error) {
    call.signal?.throwIfAborted();
    // An idle connection may be closed while a request is being sent; no part of the answer came, so the call is made
    // again.
    return { fault: connectionFault(error), retryAfterMs: isBrokenConnection(error) ? 0 : undefined };
  }
  if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
  const fault = refusal(answer.statusCode, await readLimited(answer.body));
  const isTransient = answer.statusCode === 429 || answer.statusCode >= 500;
  if (!isTransient || isQuotaUsedUp(fault)) return { fault, retryAfterMs: undefined };
  const waitMs = retryAfterMs(answer.headers);
  return { fault, retryAfterMs: waitMs > MAX_RETRY_WAIT_MS ? undefined : waitMs };
}

function isBrokenConnection(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

/** How long the provider asks us to wait; 0 when it does not say. */
function retryAfterMs(headers: WireAnswer['headers']): number {
  const precise = Number(headers['retry-after-ms']);
  if (precise > 0) return precise;
  const text = String(headers['retry-after'] ?? '');
  const seconds = Number(text);
  if (text !== '' && Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

async function readLimited(body: WireAnswer['body']): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > MAX_ERROR_BYTES) return '';
      parts.push(part);
    }
  } catch {
    // The status is enough.
    return '';
  }
  return Buffer.concat(parts).toString('utf8');
}
