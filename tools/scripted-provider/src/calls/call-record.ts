/** How a call ended. `fault`: a scripted fault or a refusal was delivered, or the provider itself hung up. */
export const CallOutcome = {
  running: 'running',
  completed: 'completed',
  clientClosed: 'client_closed',
  fault: 'fault',
} as const;
export type CallOutcome = (typeof CallOutcome)[keyof typeof CallOutcome];

interface CallFacts {
  /** 1 for the first call since the start, and so on without gaps. */
  readonly sequence: number;
  readonly arrivedAtMs: number;
  readonly path: string;
  /** null when the request was refused before it was understood. */
  model: string | null;
  /** Names of the tools offered, in order. */
  toolNames: readonly string[];
  /** The rule that answered, `default`, or null when the request was refused. */
  rule: string | null;
  /** HTTP status sent; null when none was. */
  status: number | null;
  /** Chunks of a stream handed to the socket; 0 for an answer that isn't streamed. */
  chunksSent: number;
  outcome: CallOutcome;
  finishedAtMs: number | null;
  readonly bodyBytes: number;
  /** `x-causeway-*`, `idempotency-key` and `traceparent`, each cut at 256 characters. */
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of the SHA-256 of the key, never the key. */
  readonly authorization: string | null;
}

/** A call in the log while it is being answered and after. @internal */
export interface OpenCall extends CallFacts {
  isStream: boolean;
  /** As received; parsed only when the log is read. Undefined once dropped. */
  body: string | undefined;
  /** Bytes of the body in the log's budget. */
  keptBytes: number;
}

/** One call in the log. */
export interface CallRecord extends Readonly<CallFacts> {
  readonly stream: boolean;
  /** As the client sent them; null when the body wasn't kept or held none. */
  readonly messages: readonly unknown[] | null;
  readonly responseFormat: unknown;
  /** The texts to embed; null for other calls. */
  readonly input: unknown;
  /** True when the body was too large to keep, or was dropped for newer ones. */
  readonly bodyDropped: boolean;
}

/** The record of a call, with the fields of its body. */
export function recordOf(call: OpenCall): CallRecord {
  const { body, keptBytes: _budget, isStream, ...facts } = call;
  const said = bodyOf(body);
  return {
    ...facts,
    stream: isStream,
    messages: Array.isArray(said['messages']) ? said['messages'] : null,
    responseFormat: said['response_format'] ?? null,
    input: said['input'] ?? null,
    bodyDropped: body === undefined,
  };
}

function bodyOf(body: string | undefined): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body ?? '{}');
    // Its fields stay unknown; arrays and objects alike can be asked for a name.
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
