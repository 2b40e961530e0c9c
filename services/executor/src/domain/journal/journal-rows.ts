import type { OutboxRow } from '@causeway/platform';

/** The result of a step. Times are ISO texts in database time; JSON columns hold text. */
export interface StepRow {
  readonly path: string;
  /** Its place in the run's order of events. */
  readonly seq: number;
  readonly nodeId: string;
  readonly nodeType: string;
  readonly nodeName: string;
  readonly status: 'succeeded' | 'failed' | 'skipped' | 'unknown';
  readonly requestHash?: string;
  /** Payload text of values by output name, or of a call's answer. */
  readonly outputs?: string;
  readonly closedOutputs?: readonly string[];
  readonly items?: number;
  readonly tokens?: { readonly input: number; readonly output: number };
  readonly model?: string;
  readonly possiblyPaidTwice?: boolean;
  /** JSON of a run error. */
  readonly error?: string;
  readonly startedAt?: string;
  readonly finishedAt: string;
}

/** A step that has begun and takes long. */
export interface AttemptRow {
  readonly path: string;
  readonly nodeId: string;
  readonly nodeType: string;
  readonly nodeName: string;
  readonly startedAt: string;
}

/** An event of a run that is neither its start, its end nor a step. */
export interface IncidentRow {
  readonly seq: number;
  readonly at: string;
  readonly type: 'run.taken_over' | 'run.released' | 'step.dropped' | 'effect.unknown';
  readonly path?: string;
  /** JSON text. */
  readonly data: string;
}

/** A call that changes the outside world. */
export interface EffectRow {
  readonly path: string;
  readonly state: 'intent' | 'confirmed' | 'failed' | 'unknown';
  readonly effects: 'keyed' | 'unsafe';
  readonly name: string;
  readonly idempotencyKey: string;
  readonly requestHash: string;
  readonly intendedAt: string;
  readonly settledAt?: string;
}

/** A chat message; the texts beside `body` are for searching and have passed `columnText`. */
export interface MessageRow {
  readonly id: string;
  readonly flowId: string;
  readonly sessionId: string;
  readonly contextId: string;
  readonly sender: string;
  readonly senderName: string;
  readonly error: boolean;
  readonly at: string;
  readonly seq: number;
  /** JSON of the whole message. */
  readonly body: string;
}

/** How a run ends. */
export interface EndRow {
  readonly status: 'succeeded' | 'failed' | 'cancelled' | 'timed_out';
  /** Payload text of the answer. */
  readonly result?: string;
  /** JSON of a run error. */
  readonly error?: string;
  readonly lastSeq: number;
  readonly tokensUsed: number;
  readonly finishedAt: string;
  /** Reports for the scheduler and the audit log. */
  readonly outbox: readonly OutboxRow[];
}

/** Rows of one run that are committed together, under its epoch. */
export interface JournalChunk {
  readonly runId: string;
  readonly epoch: number;
  readonly steps: readonly StepRow[];
  readonly attempts: readonly AttemptRow[];
  readonly incidents: readonly IncidentRow[];
  readonly effects: readonly EffectRow[];
  readonly messages: readonly MessageRow[];
  readonly end?: EndRow;
}
