import { causewayError } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { Agent, type Dispatcher, request } from 'undici';
import type { GuardedHttp } from './component.js';
import { parseAllowList } from './outbound/allow-list.js';
import { CallProblem } from './outbound/call-problem.js';
import { guardedConnector, systemAddresses } from './outbound/guarded-connector.js';
import { readLimited } from './outbound/read-limited.js';
import { untilAborted } from './outbound/until-aborted.js';
import { maskSecretsIn, maskSecretsInBytes } from './secrets/mask-secrets-in.js';
import { type RunSecrets, noSecrets } from './secrets/run-secrets.js';

/** Settings of the guard. */
export interface GuardedHttpSettings {
  /**
   * Addresses, ranges and hosts that may be called although they are not public; see `parseAllowList`. @default none
   */
  readonly allow?: readonly string[];
  /** Resolves a name to its addresses. @default the system's resolver */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** Bytes of one answer, unpacked. @default 10 MiB */
  readonly maxBytes?: number;
  /** From the first request to the last byte. @default 30 s */
  readonly timeoutMs?: number;
}

/** Makes calls for components. */
export interface GuardedHttpClient {
  /**
   * The `http` of a component's context; its errors name the node.
   *
   * @param secrets  of the run: they are sent only where they are allowed. @default a run without any
   */
  forNode(node: string, secrets?: RunSecrets): GuardedHttp;
  /** The same checks for clients that make their own requests (`ModelSettings.outbound`): checked addresses only. */
  readonly dispatcher: Dispatcher;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** Most redirects after the first request. */
export const maxRedirects = 5;

type Init = Parameters<GuardedHttp>[1];
type Answer = Awaited<ReturnType<GuardedHttp>>;

/**
 * Makes calls that reach public addresses only. Every address of a name is checked, and the connection is made to the
 * checked address itself, so a different later answer of the resolver changes nothing; each redirect is checked again.
 * The run's secrets are checked too: a redirect takes along only the headers that may be sent to its target.
 *
 * @throws Error when the allow-list cannot be read
 */
export function createGuardedHttp(settings: GuardedHttpSettings = {}): GuardedHttpClient {
  const allow = parseAllowList(settings.allow ?? []);
  const agent = new Agent({
    connect: guardedConnector(allow, settings.resolve ?? systemAddresses),
    allowH2: false,
  });
  return {
    forNode:
      (node, secrets = noSecrets) =>
      async (url, init) => {
        const timeoutMs = init.timeoutMs ?? settings.timeoutMs ?? 30_000;
        const maxBytes = Math.min(init.maxBytes ?? Infinity, settings.maxBytes ?? 10 * 1024 * 1024);
        const timeout = AbortSignal.timeout(timeoutMs);
        const call = { ...init, maxBytes, signal: AbortSignal.any([init.signal, timeout]) };
        let target: URL | undefined;
        try {
          target = checkedUrl(url);
          return await untilAborted(follow(agent, { node, secrets }, target, call), call.signal);
        } catch (error) {
          init.signal.throwIfAborted();
          const timedOutMs = timeout.aborted ? timeoutMs : undefined;
          throw secrets.maskError(asCallError(error, node, target?.host ?? url, timedOutMs));
        }
      },
    dispatcher: agent,
    close: () => agent.destroy(),
  };
}

interface Caller {
  readonly node: string;
  readonly secrets: RunSecrets;
}

async function follow(
  agent: Agent,
  { node, secrets }: Caller,
  first: URL,
  init: Init & { maxBytes: number },
): Promise<Answer> {
  let url = first;
  let method = (init.method ?? 'GET').toUpperCase();
  let headers = lowerCased(init.headers ?? {});
  let body = init.body;
  const sent = new Set<{ readonly value: string }>();
  for (let hop = 0; ; hop += 1) {
    const call = { url, headers: Object.entries(headers).flat(), body };
    const held = secrets.check(node, call);
    if (held !== undefined) await held;
    for (const secret of secrets.sentWith(call)) sent.add(secret);
    const response = await request(url, {
      method: method as 'GET',
      headers,
      body: body ?? null,
      dispatcher: agent,
      signal: init.signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const location = response.headers['location'];
    if (
      init.followRedirects !== true ||
      ![301, 302, 303, 307, 308].includes(response.statusCode) ||
      typeof location !== 'string'
    ) {
      const content = await readLimited(response.body, response.headers['content-encoding'], init.maxBytes);
      const answer = { headers: joined(response.headers), body: content, url: url.href };
      return { status: response.statusCode, ...(sent.size === 0 ? answer : withoutEcho(answer, [...sent])) };
    }
    response.body.on('error', () => undefined).destroy();
    if (hop === maxRedirects)
      throw new CallProblem('REQUEST_FAILED', first.host, `it redirects more than ${maxRedirects} times`);
    const next = checkedUrl(location, url);
    if (url.protocol === 'https:' && next.protocol === 'http:') {
      throw new CallProblem('REQUEST_FAILED', first.host, 'it redirects from https to http');
    }
    if (response.statusCode === 303 || (response.statusCode < 303 && method === 'POST')) {
      method = method === 'HEAD' ? 'HEAD' : 'GET';
      body = undefined;
      headers = without(headers, ['content-type', 'content-length', 'content-encoding', 'idempotency-key']);
    }
    if (next.origin !== url.origin) ({ headers } = await secrets.headersFor(next, headers));
    url = next;
  }
}

/** Servers may repeat what was sent to them. Callers may use a flow's secrets but not read them in its results. */
function withoutEcho(
  { headers, body, url }: Omit<Answer, 'status'>,
  sent: readonly { readonly value: string }[],
): Omit<Answer, 'status'> {
  const shown = Object.entries(headers).map(([name, value]) => [name, maskSecretsIn(value, sent)]);
  return {
    headers: Object.fromEntries(shown) as Record<string, string>,
    body: maskSecretsInBytes(body, sent),
    url: maskSecretsIn(url, sent),
  };
}

function checkedUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null)
    throw new CallProblem('REQUEST_FAILED', base?.host ?? 'the address', 'it is no valid URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new CallProblem('ADDRESS_REFUSED', `${url.protocol}//…`, 'only http and https may be called');
  }
  if (url.username !== '' || url.password !== '') {
    throw new CallProblem(
      'REQUEST_FAILED',
      url.host,
      'its URL holds a user name or password; send them in a header',
    );
  }
  return url;
}

function asCallError(error: unknown, node: string, host: string, timedOutMs: number | undefined): unknown {
  if (isCausewayError(error)) return error;
  if (error instanceof CallProblem && error.code === 'ADDRESS_REFUSED') {
    return causewayError('ADDRESS_REFUSED', { node, address: error.address }, { cause: error });
  }
  const problem = timedOutMs === undefined ? (error as Error).message : `no answer within ${timedOutMs} ms`;
  const address = error instanceof CallProblem ? error.address : host;
  return causewayError('REQUEST_FAILED', { node, address, problem }, { cause: error });
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function without(
  headers: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
