import { Agent, request } from 'undici';
import { parseAllowList } from './allow-list.js';
import { CallProblem } from './call-problem.js';
import { guardedConnector, systemAddresses } from './guarded-connector.js';

/** Sends bodies to addresses that somebody has configured. */
export interface GuardedPost {
  /**
   * Sends a body and drops the answer; follows no redirect.
   *
   * @returns the answer's status
   * @throws Error whose message says what is wrong, without the address
   */
  post(url: URL, headers: Readonly<Record<string, string>>, body: string): Promise<number>;
  /** Why an address may not be used; undefined when it may, as far as its text says. */
  findRefusal(url: URL): string | undefined;
  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * Makes requests that reach public addresses only, by https, and addresses of the allow-list also by http. The connection is made to the
 * address that was checked.
 *
 * @param allow  see `parseAllowList`
 * @throws Error when the allow-list cannot be read
 */
export function createGuardedPost(allow: readonly string[], timeoutMs: number): GuardedPost {
  const allowed = parseAllowList(allow);
  const agent = new Agent({ connect: guardedConnector(allowed, systemAddresses), allowH2: false });
  const findRefusal = ({ protocol, username, password, hostname, port }: URL): string | undefined => {
    if (protocol !== 'http:' && protocol !== 'https:') return 'only https may be used';
    if (username !== '' || password !== '') return 'it holds a user name or password';
    const host = hostname.replace(/^\[|\]$/g, '');
    const number = Number(port) || (protocol === 'https:' ? 443 : 80);
    const isAllowed = allowed.allowsHost(host, number) || allowed.allowsAddress(host, number);
    return protocol === 'http:' && !isAllowed ? 'it is not encrypted: use https' : undefined;
  };
  return {
    findRefusal,
    async post(url, headers, body) {
      const refusal = findRefusal(url);
      if (refusal !== undefined) throw new CallProblem('ADDRESS_REFUSED', url.host, refusal);
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await request(url, {
        method: 'POST',
        headers,
        body,
        dispatcher: agent,
        signal,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      // What it answers is of no interest, and a connection with an unread rest cannot be used again.
      await response.body.dump({ limit: 64 * 1024, signal });
      return response.statusCode;
    },
    close: () => agent.destroy(),
  };
}
