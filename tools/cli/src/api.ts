import { setTimeout as pause } from 'node:timers/promises';

/** Codes of errors on this side of the connection. */
export const ConnectionCode = { unreachable: 'UNREACHABLE', lost: 'CONNECTION_LOST' } as const;

/** A refusal of the server, an unreachable server, or a lost connection. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly runId?: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** Address of the server and the caller's key. */
export interface Connection {
  readonly url: string;
  /** One of both says who asks. */
  readonly apiKey?: string;
  /** The access token of a login; it may have to be renewed first. */
  readonly token?: () => Promise<string>;
  /** Sends requests. @default the global `fetch` */
  readonly fetch?: typeof fetch;
  /** The option with which the user gives the key. @default '--key or CAUSEWAY_API_KEY' */
  readonly keyOption?: string;
  /** What to do when nothing answers there. @default to start Causeway */
  readonly whenUnreachable?: string;
}

/** How often a request is sent while the server is busy or starting. */
const TRIES = 4;
const KEY_PROBLEM = /^KEY_(MISSING|INVALID)$/;
/** Errors of an open socket: the request may have arrived. */
const LOST = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_(HEADERS|BODY)_TIMEOUT)$/;

/** Errors of a server's certificate. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;

/** Characters that an HTTP header accepts unchanged. */
const HEADER_VALUE = /^[\x20-\x7e]*$/;

/** Sends requests to a Langflow-compatible server over HTTP. */
export class Api {
  private readonly connection: Required<Omit<Connection, 'token'>> & Pick<Connection, 'token'>;

  /** @throws Error when the address or the key is invalid; the key is never shown */
  constructor({
    url,
    apiKey = '',
    token,
    keyOption = '--key or CAUSEWAY_API_KEY',
    whenUnreachable = 'Is it running? Start it with: npm start',
    fetch: send = fetch,
  }: Connection) {
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      throw new Error(`"${url}" is not the address of a server: write it as http://127.0.0.1:7860`);
    if (!HEADER_VALUE.test(apiKey.trim()))
      throw new Error(`the API key contains a character that no key has: copy it again (${keyOption})`);
    this.connection = {
      url,
      apiKey: apiKey.trim(),
      keyOption,
      whenUnreachable,
      fetch: send,
      ...(token && { token }),
    };
  }

  /** Address of the server, without a slash at its end. */
  get url(): string {
    return this.connection.url.replace(/\/$/, '');
  }

  /** A JSON answer. Throws ApiError with the server's own message. */
  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.send(method, path, body);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** The bytes of an answer. */
  async bytes(path: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.send('GET', path)).arrayBuffer());
  }

  /** Uploads a file in the multipart field `file`. */
  async upload<T>(path: string, fileName: string, bytes: Uint8Array<ArrayBuffer>): Promise<T> {
    const form = new FormData();
    form.set('file', new Blob([bytes]), fileName);
    return (await (await this.send('POST', path, form)).json()) as T;
  }

  /**
   * The answer itself, for streams. A request with an idempotency key is sent again when its connection is lost, unless it is streamed: it still starts only one run.
   *
   * @param more  headers in addition to the usual ones
   */
  async send(
    method: string,
    path: string,
    body?: unknown,
    more: Readonly<Record<string, string>> = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    const isForm = body instanceof FormData;
    const { apiKey, token } = this.connection;
    const headers: Record<string, string> = {
      ...(token ? { authorization: `Bearer ${await token()}` } : { 'x-api-key': apiKey }),
      accept: 'application/json',
      ...more,
    };
    if (body !== undefined && !isForm) headers['content-type'] = 'application/json';
    const init: RequestInit = {
      method,
      headers,
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    };
    // A streamed run is cancelled when its connection is lost, and a repeated request would return that run.
    const isOnce = 'idempotency-key' in more && !path.endsWith('?stream=true');
    let lost: ApiError | undefined;
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.connection.fetch(new URL(path, this.connection.url), init);
        if (response.ok) return response;
        const wait = Number(response.headers.get('retry-after') ?? '1');
        if ((response.status !== 503 && response.status !== 429) || attempt >= TRIES)
          throw await this.errorOf(response);
        await pause(Math.min(wait, 5) * 1000);
      } catch (error) {
        if (error instanceof ApiError || signal?.aborted) throw error;
        lost ??= this.findLoss(error);
        if (lost === undefined) throw this.unreachable(error as Error);
        if (!isOnce || attempt >= TRIES) throw lost;
        await pause(1000);
      }
    }
  }

  /** The error for the loss of an open connection; undefined when the cause was another one. */
  findLoss(error: unknown): ApiError | undefined {
    const cause = causeOf(error as Error);
    if (!LOST.test(cause.code ?? '')) return undefined;
    return new ApiError(
      `the connection to ${this.connection.url} was lost: ${cause.message}`,
      0,
      ConnectionCode.lost,
    );
  }

  private async errorOf(response: Response): Promise<ApiError> {
    const text = await response.text();
    const { detail, code = 'ERROR' } = parse(text);
    const told = typeof detail === 'string' ? detail : detail && JSON.stringify(detail);
    const message = told ?? `${response.status} ${response.statusText} ${text.slice(0, 300)}`;
    const hint = this.hintFor(code);
    const runId = response.headers.get('x-causeway-run-id') ?? undefined;
    return new ApiError(message + hint, response.status, code, runId);
  }

  private hintFor(code: string): string {
    if (code === 'TOKEN_INVALID') return ' (log in again with: npx causeway login)';
    return KEY_PROBLEM.test(code) ? ` (set one with ${this.connection.keyOption})` : '';
  }

  private unreachable(error: Error): ApiError {
    const { code = '', message } = causeOf(error);
    const why = message || error.message;
    const remedy = UNTRUSTED.test(code)
      ? 'If it is the right server, set CAUSEWAY_CA_FILE to the file of its certificate, or of the authority that signed it.'
      : this.connection.whenUnreachable;
    return new ApiError(
      `${this.connection.url} cannot be reached: ${why}. ${remedy}`,
      0,
      ConnectionCode.unreachable,
    );
  }
}

function causeOf(error: Error): NodeJS.ErrnoException {
  return (error.cause as NodeJS.ErrnoException | undefined) ?? error;
}

function parse(text: string): { detail?: unknown; code?: string } {
  try {
    return (JSON.parse(text) as { detail?: unknown; code?: string } | null) ?? {};
  } catch {
    return {};
  }
}
