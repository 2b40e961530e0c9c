import { causewayError } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import { type CausewayError, maskKeys } from '@causeway/dag';
import type { Outlet } from '../../walk/frames.js';
import type { RunAttempt, StepUnderWay } from '../../walk/run-attempt.js';
import type { RunJournal } from '../../walk/journal.js';

/** A run that this process has claimed or taken over. */
export interface Claimed {
  readonly envelope: RunEnvelope;
  readonly epoch: number;
  /** The database's time at the claim, in Unix milliseconds. */
  readonly nowMs: number;
  readonly deadlineMs: number;
  readonly cancelRequested: boolean;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Stops a run from outside, and gives access to its journal and frames while it executes. */
export class RunControl {
  readonly runId: string;
  private readonly controller = new AbortController();
  private readonly deadline: NodeJS.Timeout;
  /** Set once the attempt has a journal. */
  journal: RunJournal | undefined;
  underWay: RunAttempt['underWay'] = new Map<string, StepUnderWay>();
  /** Sends frames to readers; set when the run may be watched. */
  outlet: Outlet | undefined;
  /** Masks the run's secrets in its log lines. The secrets are known once the run is prepared; before, it masks what looks like a key. */
  mask: (text: string) => string = maskKeys;
  /** True when rows were waiting to be written at the last look. */
  hasWaited = false;

  constructor(readonly claimed: Claimed) {
    this.runId = claimed.envelope.runId;
    const { timeoutMs } = claimed.envelope.limits;
    const leftMs = Math.min(Math.max(claimed.deadlineMs - claimed.nowMs, 0), LONGEST_TIMER_MS);
    this.deadline = setTimeout(() => this.stop(causewayError('RUN_TIMED_OUT', { timeoutMs })), leftMs);
    if (claimed.cancelRequested) this.cancel();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  cancel(): void {
    this.stop(causewayError('RUN_CANCELLED', {}));
  }

  /** The first reason stays. */
  stop(reason: CausewayError): void {
    this.controller.abort(reason);
  }

  close(): void {
    clearTimeout(this.deadline);
  }
}
