import { STATUS_CODES } from 'node:http';
import { causewayError } from '@causeway/contracts';
import { type CausewayError, isCausewayError } from '@causeway/dag';
import { CallProblem } from '../../outbound/call-problem.js';
import { type Withheld, shownSentence, wordsIn, wordsOf } from './provider-words.js';

/**
 * A failed call of a provider. Its message never contains text of the provider's answer, which may repeat the prompt or
 * the key. LangChain rewrites errors that have a `status`, so that member has another name here.
 */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault';
  // Hidden from logs and inspection, which do not mask it.
  readonly #sentence: string | undefined;

  constructor(
    readonly kind: 'refused' | 'unreachable' | 'silent' | 'broken' | 'cut',
    problem: string,
    readonly httpStatus?: number,
    { sentence, ...options }: { cause?: unknown; sentence?: string | undefined } = {},
  ) {
    super(problem, options);
    this.#sentence = sentence;
  }

  /** The provider's own sentence, as it was received. */
  get sentence(): string | undefined {
    return this.#sentence;
  }
}

/** What an error about a provider names, and what it must not repeat. */
export interface AskedProvider extends Withheld {
  /** The node's display name. */
  readonly node: string;
  readonly baseUrl: string;
  /** The provider of the key that was sent, and where the key comes from; never the key. */
  readonly keyOf: string | undefined;
  readonly idleTimeoutMs: number;
}

/**
 * The fault of an answer whose status is no success. The sentence is kept if it helps the user: not for errors about
 * keys.
 */
export function refusal(status: number, body: string): ProviderFault {
  const { code, sentence } = wordsIn(body);
  const words = `${STATUS_CODES[status] ?? 'an unknown status'}${code === undefined ? '' : ` (${code})`}`;
  const isShown = status >= 400 && status !== 401;
  return new ProviderFault('refused', `${words}; ${meaning(status)}`, status, {
    sentence: isShown ? sentence : undefined,
  });
}

/** True when the provider's quota is used up, so that another call soon cannot help. */
export function isQuotaUsedUp(fault: ProviderFault): boolean {
  return /insufficient_quota|billing/.test(fault.message);
}

/** The cause of a call that had no answer. */
export function connectionFault(error: unknown): ProviderFault {
  const code = codeOf(error);
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return new ProviderFault('silent', 'sent nothing for too long', undefined, { cause: error });
  return new ProviderFault('unreachable', connectionProblem(code), undefined, { cause: error });
}

/**
 * The registered error for anything that a call of a provider threw. An unknown error happened while the answer was
 * read, so the answer did not follow the protocol.
 */
export function toProviderError(error: unknown, asked: AskedProvider): CausewayError {
  if (isCausewayError(error)) return error;
  const { node, idleTimeoutMs } = asked;
  const options = { cause: wordless(error) };
  const refused = refusedAddress(error);
  if (refused !== undefined) return causewayError('ADDRESS_REFUSED', { node, address: refused }, options);
  const fault = findFault(error);
  switch (fault?.kind) {
    case 'silent':
      return causewayError('PROVIDER_TIMED_OUT', { node, timeoutMs: idleTimeoutMs }, options);
    case 'unreachable': {
      const problem = `${fault.message}, at ${hostOf(asked.baseUrl)}`;
      return causewayError('PROVIDER_UNREACHABLE', { node, problem }, options);
    }
    case 'refused':
    case 'broken':
    case 'cut': {
      const status = fault.httpStatus ?? 200;
      const code = status === 429 ? 'PROVIDER_LIMITED' : 'PROVIDER_FAILED';
      return causewayError(code, { node, status, problem: withSentence(fault, asked) }, options);
    }
    case undefined: {
      const problem = 'its answer could not be read';
      return causewayError('PROVIDER_FAILED', { node, status: 200, problem }, options);
    }
  }
}

/** True when the answer ended too early, so that another call may return all of it. */
export function isCutAnswer(error: unknown): boolean {
  return findFault(error)?.kind === 'cut';
}

function withSentence({ message: words, sentence, httpStatus }: ProviderFault, asked: AskedProvider): string {
  // The words for these statuses end with "the key".
  const isOfKey = asked.keyOf !== undefined && (httpStatus === 401 || httpStatus === 403);
  const message = isOfKey ? `${words} of ${asked.keyOf}` : words;
  const shown = sentence === undefined ? '' : shownSentence(sentence, asked);
  return shown === '' ? message : `${message}. The provider says: ${shown}`;
}

/** Only host and port of an address. */
function hostOf(baseUrl: string): string {
  const url = URL.parse(baseUrl);
  if (url === null) return 'an address that is no URL';
  return `${url.hostname}:${url.port || (url.protocol === 'http:' ? '80' : '443')}`;
}

/** The text for the log: errors of packages quote the answer, which may repeat prompt or key. */
function wordless(error: unknown): Error {
  const known = chainOf(error).find((cause) => cause instanceof ProviderFault || codeOf(cause) !== undefined);
  if (known !== undefined) return known;
  const { name, stack } = error instanceof Error ? error : new Error();
  const plain = new Error(name);
  plain.stack = [name, ...(stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))].join('\n');
  return plain;
}

function findFault(error: unknown): ProviderFault | undefined {
  const chain = chainOf(error);
  const known = chain.find((cause) => cause instanceof ProviderFault);
  if (known instanceof ProviderFault) return known;
  const code = codeOf(error);
  if (code === 'UND_ERR_BODY_TIMEOUT' || code === 'UND_ERR_HEADERS_TIMEOUT') return connectionFault(error);
  if (code?.startsWith('UND_ERR_') || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return cutOff('its answer ended too early');
  if (chain.some((cause) => cause instanceof SyntaxError)) return broken('its answer is no valid JSON');
  return undefined;
}

/** A successful answer that could not be used. */
export function broken(problem: string): ProviderFault {
  return new ProviderFault('broken', problem, 200);
}

/** An answer that ended too early. */
export function cutOff(problem: string): ProviderFault {
  return new ProviderFault('cut', problem, 200);
}

/** An error that was received in the place of the answer. */
export function reportedError(error: unknown): ProviderFault {
  const { code, sentence } = wordsOf(error);
  const problem = `it reports an error in its answer${code === undefined ? '' : ` (${code})`}`;
  return new ProviderFault('broken', problem, 200, { sentence });
}

/** An error, its cause, the cause's cause, and so on. */
function chainOf(error: unknown): readonly Error[] {
  const chain: Error[] = [];
  for (let cause = error; cause instanceof Error && chain.length < 8; cause = cause.cause) chain.push(cause);
  return chain;
}

function refusedAddress(error: unknown): string | undefined {
  const problem = chainOf(error).find((cause) => cause instanceof CallProblem);
  return problem instanceof CallProblem && problem.code === 'ADDRESS_REFUSED' ? problem.address : undefined;
}

function connectionProblem(code: string | undefined): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'no server listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its host name is not known';
    case 'UND_ERR_CONNECT_TIMEOUT':
      return 'no connection could be made';
    default:
      return `the connection failed${code === undefined ? '' : ` (${code})`}`;
  }
}

function meaning(status: number): string {
  if (status === 401) return 'it refuses the key; check the key';
  if (status === 403) return 'it does not allow this with the key';
  if (status === 404) return 'it has no such model or address';
  if (status === 413) return 'the request is too large for it';
  if (status === 429) return 'too many requests, or no quota left';
  return status >= 500 ? 'it failed, try again later' : 'it does not accept the request';
}

/** The code of the operating system or of undici for a failed connection. */
function codeOf(error: unknown): string | undefined {
  for (const cause of chainOf(error)) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && /^(E[A-Z_]+|UND_ERR_[A-Z_]+)$/.test(code)) return code;
    // One error per address of the host; all have the same reason.
    if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  }
  return undefined;
}
