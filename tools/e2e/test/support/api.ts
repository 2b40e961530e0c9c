import { pinnedFetch } from '@causeway/stack';
import type { Told } from '../../src/invariants/told-invariant.js';

/** An answer; its body is read, whatever it is. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed body. Throws when it is not JSON. */
  json<T = ErrorBody>(): T;
  /** Id of the run, when the answer names one. */
  readonly runId: string | undefined;
}

/** An error of /api/v1. */
export interface ErrorBody {
  readonly detail: string;
  readonly code: string;
  readonly request_id: string;
}

/** The answer of a run, with the members that tests use. */
export interface RunAnswer {
  readonly session_id: string;
  readonly outputs: readonly {
    readonly outputs: readonly {
      readonly component_id: string;
      readonly results: Readonly<Record<string, { readonly text?: string; readonly data?: unknown }>>;
      readonly outputs: Readonly<Record<string, { readonly message: unknown; readonly type: string }>>;
    }[];
  }[];
}

/** A run as /api/platform shows it, with the members that tests use. */
export interface RunPage {
  readonly id: string;
  readonly status: string;
  readonly epoch: number;
  readonly result: RunAnswer | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly steps: readonly {
    readonly path: string;
    readonly nodeType: string;
    readonly status: string;
    readonly epoch: number;
    readonly attempts: number;
    readonly possiblyPaidTwice: boolean;
    readonly model: string | null;
  }[];
}

export interface FlowRow {
  readonly id: string;
  readonly name: string;
  readonly endpoint_name: string | null;
  readonly data: { readonly nodes: readonly unknown[] } | null;
}

export interface Sending {
  /** Sent as JSON, unless it is a text, bytes or a form. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Sends requests to the gateway over HTTP, as any program would. */
export class Api {
  constructor(
    readonly url: string,
    readonly key: string | undefined,
    /** The answers about runs that callers received, from this object and from all made from it. */
    readonly told: Told[] = [],
    /** The gateway's certificate, when it speaks HTTPS. */
    readonly certFile?: string,
  ) {}

  /** The same gateway with another key, or without one. */
  as(key: string | undefined): Api {
    return new Api(this.url, key, this.told, this.certFile);
  }

  /** The response itself, for streams. */
  open(method: string, path: string, { body, headers = {}, signal }: Sending = {}): Promise<Response> {
    const isPlain = typeof body === 'string' || body instanceof FormData || body instanceof Uint8Array;
    const send = this.certFile === undefined ? fetch : pinnedFetch(this.certFile);
    return send(this.url + path, {
      method,
      headers: {
        ...(this.key !== undefined && { 'x-api-key': this.key }),
        ...(body !== undefined && !isPlain && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isPlain ? (body as string | FormData) : JSON.stringify(body) }),
      ...(signal && { signal }),
      redirect: 'manual',
    });
  }

  async send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    const response = await this.open(method, path, sending);
    const text = await response.text();
    const runId = response.headers.get('x-causeway-run-id') ?? undefined;
    // Nothing is promised about a run whose acceptance is not confirmed.
    const isTold = runId !== undefined && !text.includes('RUN_UNCONFIRMED');
    if (isTold && /^\/api\/v1\/(run|webhook)\//.test(path))
      this.told.push({ runId, outcome: outcomeOf(response.status, text) });
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: <T>() => JSON.parse(text) as T,
      runId,
    };
  }

  /** The JSON of an answer that must be a success. Throws an error with any other answer. */
  async ask<T>(method: string, path: string, sending: Sending = {}): Promise<T> {
    const answer = await this.send(method, path, sending);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text === '' ? (undefined as T) : answer.json<T>();
  }

  /** Uploads bytes in the multipart field `file`. */
  upload(path: string, name: string, bytes: string | Uint8Array): Promise<Answer> {
    const form = new FormData();
    form.set('file', new Blob([typeof bytes === 'string' ? bytes : new Uint8Array(bytes)]), name);
    return this.send('POST', path, { body: form });
  }

  /** Imports a flow file and returns its first flow. */
  async importFlow(file: object): Promise<FlowRow> {
    const answer = await this.upload('/api/v1/flows/upload', 'flow.json', JSON.stringify(file));
    if (answer.status !== 201) throw new Error(`import: ${answer.status} ${answer.text}`);
    return answer.json<FlowRow[]>()[0] as FlowRow;
  }

  /** Runs a flow and waits for its answer, whatever it is. */
  run(flow: string, body: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', `/api/v1/run/${flow}`, { body, headers });
  }

  getRun(runId: string): Promise<RunPage> {
    return this.ask('GET', `/api/platform/v1/runs/${runId}`);
  }
}

/** True for an answer about the run's end: not one that the gateway did not wait for, and not one that names another caller's run. */
function outcomeOf(status: number, text: string): Told['outcome'] {
  if (status === 200) return 'succeeded';
  const isOpen = status === 202 || status === 503 || status === 504 || text.includes('IDEMPOTENCY_MISMATCH');
  return isOpen ? 'accepted' : 'not succeeded';
}

/** The text of a run's first result, as most clients read it. */
export function chatText(answer: Answer | RunAnswer): string | undefined {
  const run = 'outputs' in answer ? answer : answer.json<RunAnswer>();
  return run.outputs[0]?.outputs[0]?.results['message']?.text;
}
