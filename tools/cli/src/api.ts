import { setTimeout as pause } from 'node:timers/promises';

/** A refusal of the server, or a server that cannot be reached. */
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

/** Where the server is and who calls. */
export interface Connection {
  readonly url: string;
  readonly apiKey: string;
}

/** Tries at a request whose server is busy or starting. */
const TRIES = 4;

/** Asks a Langflow-compatible server over HTTP. */
export class Api {
  constructor(private readonly connection: Connection) {}

  /** A JSON answer. Throws ApiError with the server's own words. */
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

  /** The answer itself, for streams. @param more  headers beside the usual ones */
  async send(
    method: string,
    path: string,
    body?: unknown,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const isForm = body instanceof FormData;
    const headers: Record<string, string> = {
      'x-api-key': this.connection.apiKey,
      accept: 'application/json',
      ...more,
    };
    if (body !== undefined && !isForm) headers['content-type'] = 'application/json';
    const init: RequestInit = {
      method,
      headers,
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    };
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(new URL(path, this.connection.url), init).catch((error: Error) => {
        const why = (error.cause as Error | undefined)?.message || error.message;
        throw new ApiError(
          `${this.connection.url} cannot be reached: ${why}. Is it running? Start it with: npm start`,
          0,
          'UNREACHABLE',
        );
      });
      if (response.ok) return response;
      const wait = Number(response.headers.get('retry-after') ?? '1');
      if ((response.status === 503 || response.status === 429) && attempt < TRIES)
        await pause(Math.min(wait, 5) * 1000);
      else throw await errorOf(response);
    }
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  const runId = response.headers.get('x-causeway-run-id') ?? undefined;
  try {
    const { detail, code = 'ERROR' } = JSON.parse(text) as { detail?: unknown; code?: string };
    return new ApiError(
      typeof detail === 'string' ? detail : JSON.stringify(detail),
      response.status,
      code,
      runId,
    );
  } catch {
    return new ApiError(
      `${response.status} ${response.statusText} ${text.slice(0, 300)}`,
      response.status,
      'ERROR',
      runId,
    );
  }
}
