import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { cutText } from '../cut-text.js';
import { CallOutcome, type CallRecord, type OpenCall, recordOf } from './call-record.js';

/** Limits of the log. Above them the oldest calls and the oldest bodies are dropped. */
export const CALL_LOG_LIMITS = {
  calls: 100_000,
  /** A larger body is not kept at all. */
  bodyBytes: 64 * 1024,
  /** Bytes of all bodies together. */
  totalBytes: 64 * 1024 * 1024,
} as const;

const MAX_HEADER_LENGTH = 256;
const MAX_HASHED_KEYS = 1_000;

/** The data of a call once its request is read. */
export interface Arrival {
  readonly arrivedAtMs: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bodyBytes: number;
}

/** Every call received, the newest 100,000 of them. */
export class CallLog {
  private readonly calls = Array.from<OpenCall | undefined>({ length: CALL_LOG_LIMITS.calls });
  private readonly keyHashes = new Map<string, string>();
  private lastSequence = 0;
  /** Sequences of the oldest call kept, and of the oldest whose body may still be kept. */
  private oldest = 1;
  private oldestBody = 1;
  private keptBytes = 0;
  private running = 0;

  /** @param onFinished  is called once for each call, when its outcome is known */
  constructor(private readonly onFinished?: (record: CallRecord) => void) {}

  get size(): number {
    return this.lastSequence - this.oldest + 1;
  }

  /** Calls whose outcome isn't known yet. */
  get runningCount(): number {
    return this.running;
  }

  open(arrival: Arrival): OpenCall {
    const headers = keptHeaders(arrival.headers);
    const isKept = arrival.bodyBytes <= CALL_LOG_LIMITS.bodyBytes;
    this.lastSequence += 1;
    this.running += 1;
    const call: OpenCall = {
      sequence: this.lastSequence,
      arrivedAtMs: arrival.arrivedAtMs,
      path: arrival.path,
      headers,
      authorization: this.hashKey(arrival.headers.authorization),
      bodyBytes: arrival.bodyBytes,
      body: isKept ? arrival.body : undefined,
      keptBytes: isKept ? arrival.bodyBytes : 0,
      model: null,
      toolNames: [],
      isStream: false,
      rule: null,
      status: null,
      chunksSent: 0,
      outcome: CallOutcome.running,
      finishedAtMs: null,
    };
    const slot = call.sequence % CALL_LOG_LIMITS.calls;
    this.dropBody(this.calls[slot]);
    this.calls[slot] = call;
    if (this.size > CALL_LOG_LIMITS.calls) this.oldest += 1;
    this.keptBytes += call.keptBytes;
    while (this.keptBytes > CALL_LOG_LIMITS.totalBytes) {
      this.oldestBody = Math.max(this.oldestBody, this.oldest);
      this.dropBody(this.calls[this.oldestBody % CALL_LOG_LIMITS.calls]);
      this.oldestBody += 1;
    }
    return call;
  }

  finish(call: OpenCall, outcome: Exclude<CallOutcome, 'running'>): void {
    this.running -= 1;
    call.outcome = outcome;
    call.finishedAtMs = Date.now();
    this.onFinished?.(recordOf(call));
  }

  /** The kept calls with a higher sequence number than `since`, oldest first. */
  list(since = 0): CallRecord[] {
    const records: CallRecord[] = [];
    for (let sequence = Math.max(since + 1, this.oldest); sequence <= this.lastSequence; sequence += 1) {
      const call = this.calls[sequence % CALL_LOG_LIMITS.calls];
      if (call !== undefined) records.push(recordOf(call));
    }
    return records;
  }

  /** Drops every call. Sequence numbers continue, so that `since` keeps its meaning. */
  clear(): void {
    this.calls.fill(undefined);
    this.oldest = this.oldestBody = this.lastSequence + 1;
    this.keptBytes = 0;
  }

  private dropBody(call: OpenCall | undefined): void {
    if (call === undefined) return;
    this.keptBytes -= call.keptBytes;
    call.keptBytes = 0;
    call.body = undefined;
  }

  /** A digest of a key: the log must distinguish keys, but never contains one. */
  private hashKey(authorization: string | undefined): string | null {
    if (authorization === undefined) return null;
    let hash = this.keyHashes.get(authorization);
    if (hash === undefined) {
      hash = `sha256:${createHash('sha256')
        .update(authorization.replace(/^Bearer /i, ''))
        .digest('hex')
        .slice(0, 12)}`;
      if (this.keyHashes.size >= MAX_HASHED_KEYS) this.keyHashes.clear();
      this.keyHashes.set(authorization, hash);
    }
    return hash;
  }
}

function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    if (!name.startsWith('x-causeway-') && name !== 'idempotency-key' && name !== 'traceparent') continue;
    kept[name] = cutText(String(headers[name]), MAX_HEADER_LENGTH);
  }
  return kept;
}
