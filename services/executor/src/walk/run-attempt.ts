import type { RunSecrets } from '@causeway/components/runtime';
import type { RunEnvelope, RunInput } from '@causeway/contracts';
import type { Json, PlanNode } from '@causeway/dag';
import type { EffectRow } from '../domain/journal/journal-rows.js';
import type { PreparedRun } from '../domain/prepare/prepare-run.js';
import type { ResolvedFields } from '../domain/prepare/node-variables.js';
import type { RequestFields } from '../domain/prepare/request-fields.js';
import type { Replay } from '../store/replay.store.js';
import type { RunJournal } from './journal.js';
import type { RunClock } from './run-clock.js';

/** A step under way that has no result in the journal yet. */
export interface StepUnderWay {
  readonly path: string;
  readonly node: PlanNode;
  readonly startedAt: string;
  readonly startedMs: number;
  isAnnounced: boolean;
}

/** One attempt at a run, by one owner: what it executes, its state, and how it is stopped. */
export interface RunAttempt extends PreparedRun {
  readonly envelope: RunEnvelope;
  readonly epoch: number;
  readonly input: RunInput;
  readonly flowName: string;
  readonly fields: ResolvedFields;
  /** The fields whose values came with the request. */
  readonly fromRequest: RequestFields;
  /** The secrets of the run, which may be sent only where its flow sends them. */
  readonly secrets: RunSecrets;
  readonly clock: RunClock;
  readonly journal: RunJournal;
  /** What earlier attempts left in the journal; empty in the first attempt. */
  readonly replay: Replay;
  /** Stops the nodes that still run once the run has failed. */
  readonly halt: AbortController;
  /** Aborted with the error that says why: the run was stopped, or has failed elsewhere. */
  readonly signal: AbortSignal;
  /** Calls that change the outside world and whose outcome is not recorded yet. */
  readonly intents: Map<string, EffectRow>;
  readonly underWay: Map<string, StepUnderWay>;
  /**
   * Steps that cannot have run in an earlier attempt, because they follow a call made in this one. Any other call of this attempt may
   * have been in flight in an earlier attempt.
   */
  readonly surelyNew: Set<string>;
  /** Settles when what was paid for so far is committed. */
  readonly paid: { committed: Promise<void> };
  readonly tokens: { used: number };
  /** Bytes of all results so far. */
  readonly bytes: { used: number };
  /** Whether frames are sent, because the run may be watched. */
  readonly isShown: boolean;
  /** Sends a frame to readers. */
  readonly emit: (event: string, data: Json) => void;
}
