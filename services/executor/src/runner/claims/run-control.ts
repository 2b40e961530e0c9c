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
  /** Unix milliseconds by the database, a moment ago. */
  readonly nowMs: number;
  readonly deadlineMs: number;
  readonly cancelRequested: boolean;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What stops a run from outside, and what others may see of it while it goes on. */
export class RunControl {
  readonly runId: string;
  private readonly controller = new AbortController();
  private readonly deadline: NodeJS.Timeout;
  /** Set once there is something to write. */
  journal: RunJournal | undefined;
  underWay: RunAttempt['underWay'] = new Map<string, StepUnderWay>();
  /** Shows frames to those who watch; set when somebody may. */
  outlet: Outlet | undefined;
  /** Masks the run's secrets in what is logged of it; knows them once it is prepared. */
  mask: (text: string) => string = maskKeys;
  /** Rows waited to be written at the last look. */
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
