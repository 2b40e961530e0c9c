import type { Json } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import type { RunControl } from '../runner/claims/run-control.js';
import { ReplayStore } from '../store/replay.store.js';
import type { Replay } from '../store/replay.store.js';
import { Frames } from './frames.js';
import { Journal } from './journal.js';
import { Preparing } from './preparing.js';
import type { RunAttempt } from './run-attempt.js';
import { RunClock } from './run-clock.js';

/** The part of an attempt that exists before its plan is known. */
export type BegunAttempt = Pick<RunAttempt, 'clock' | 'journal' | 'replay' | 'intents'>;

/** Prepares attempts at runs: their journal, the steps that earlier attempts left in it, and all that the first step needs. */
@Injectable()
export class Attempts {
  constructor(
    private readonly replays: ReplayStore,
    private readonly journal: Journal,
    private readonly preparing: Preparing,
    private readonly frames: Frames,
  ) {}

  /** Opens the journal and reads the steps that earlier attempts left in it. */
  async begin(control: RunControl): Promise<BegunAttempt> {
    const { envelope, epoch, nowMs } = control.claimed;
    const clock = new RunClock(nowMs);
    const replay: Replay =
      epoch > 1
        ? await this.replays.read(envelope.runId)
        : { steps: new Map(), effects: new Map(), lastSeq: 1 };
    const journal = this.journal.open(envelope.runId, epoch, replay.lastSeq, {
      cancelRequested: () => control.cancel(),
      failed: (error) => control.stop(error),
    });
    control.journal = journal;
    if (epoch > 1)
      journal.pending.incident({ at: clock.iso(), type: 'run.taken_over', data: JSON.stringify({ epoch }) });
    const intents = new Map([...replay.effects].filter(([, effect]) => effect.state === 'intent'));
    return { clock, journal, replay, intents };
  }

  /** Waits for what the run needs. @throws CausewayError that says why it cannot be executed */
  async prepare(control: RunControl, begun: BegunAttempt, tokens: RunAttempt['tokens']): Promise<RunAttempt> {
    const { envelope, epoch } = control.claimed;
    const prepared = await this.preparing.prepare(control);
    control.mask = (text) => prepared.secrets.mask(text);
    const lastSeq = (): number => begun.journal.pending.lastSeq;
    const isShown = prepared.input.stream || envelope.live === true;
    if (isShown) control.outlet = this.frames.open(envelope, epoch, lastSeq);
    const halt = new AbortController();
    return {
      ...prepared,
      ...begun,
      envelope,
      epoch,
      halt,
      signal: AbortSignal.any([control.signal, halt.signal]),
      tokens,
      underWay: control.underWay,
      surelyNew: new Set(),
      paid: { committed: Promise.resolve() },
      bytes: { used: 0 },
      isShown,
      emit: control.outlet?.emit ?? nobody,
    };
  }
}

function nobody(_event: string, _data: Json): void {}
