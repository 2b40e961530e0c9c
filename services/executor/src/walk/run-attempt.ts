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

/** A step under way, of which nothing is in the journal yet. */
export interface StepUnderWay {
  readonly path: string;
  readonly node: PlanNode;
  readonly startedAt: string;
  readonly startedMs: number;
  isAnnounced: boolean;
}

/** One attempt at a run, by one owner: what it walks, what it remembers, and how it is stopped. */
export interface RunAttempt extends PreparedRun {
  readonly envelope: RunEnvelope;
  readonly epoch: number;
  readonly input: RunInput;
  readonly flowName: string;
  readonly fields: ResolvedFields;
  /** Those whose values came with the request. */
  readonly fromRequest: RequestFields;
  /** What the run may not let out, but for where its flow sends it. */
  readonly secrets: RunSecrets;
  readonly clock: RunClock;
  readonly journal: RunJournal;
  /** What earlier attempts left; empty in the first. */
  readonly replay: Replay;
  /** Stops what still runs once the run has failed. */
  readonly halt: AbortController;
  /** Aborted with the error that says why: the run was stopped, or has failed elsewhere. */
  readonly signal: AbortSignal;
  /** Calls that change the outside world of which nobody has said how they ended. */
  readonly intents: Map<string, EffectRow>;
  readonly underWay: Map<string, StepUnderWay>;
  /**
   * Steps that cannot have run in an earlier attempt, since they follow a call made in this one. Of any other call that this attempt
   * makes, an earlier one may have been in flight.
   */
  readonly surelyNew: Set<string>;
  /** Settles when what was paid for so far is committed. */
  readonly paid: { committed: Promise<void> };
  readonly tokens: { used: number };
  /** Bytes of all results so far. */
  readonly bytes: { used: number };
  /** Tells those who watch. */
  /** Whether anybody may watch. */
  readonly isShown: boolean;
  readonly emit: (event: string, data: Json) => void;
}
