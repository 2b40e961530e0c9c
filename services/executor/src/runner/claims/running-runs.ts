import { causewayError, claimRun } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { Doorbells, SETTINGS, gauge, waitAtMost } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../../config.js';
import { Journal } from '../../walk/journal.js';
import { named } from '../../walk/step-calls.js';
import { RunControl } from './run-control.js';
import type { Claimed } from './run-control.js';
import { RunFlow } from '../../walk/run-flow.js';

const TICK_MS = 50;
/** A step that takes longer is shown as running, and what precedes it is committed. */
const LASTING_MS = 100;
/** The part of the drain time that is kept for the last results of stopped runs, and for giving those runs back. */
const RELEASE_MS = 3_000;

/** The runs that this process executes now. */
@Injectable()
export class RunningRuns implements OnApplicationShutdown {
  private readonly runs = new Map<string, { readonly control: RunControl; readonly done: Promise<void> }>();
  private readonly timer = setInterval(() => this.tick(performance.now()), TICK_MS);

  constructor(
    private readonly flow: RunFlow,
    private readonly doorbells: Doorbells,
    private readonly journal: Journal,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    gauge('causeway_runs_running', 'Runs that this process executes now.', () => this.runs.size);
  }

  get size(): number {
    return this.runs.size;
  }

  /** The only run in this process; undefined when there are more or none. */
  get alone(): RunControl | undefined {
    if (this.runs.size !== 1) return undefined;
    const [run] = this.runs.values();
    return run?.control;
  }

  has(runId: string): boolean {
    return this.runs.has(runId);
  }

  /** Begins an attempt. If this process still makes an earlier attempt at the same run, that one has lost its lease. */
  start(claimed: Claimed): void {
    const { runId } = claimed.envelope;
    this.runs.get(runId)?.control.stop(causewayError('LEASE_LOST', { runId }));
    const control = new RunControl(claimed);
    const done = this.flow.run(control).finally(() => {
      control.close();
      if (this.runs.get(runId)?.control === control) this.runs.delete(runId);
      this.doorbells.of(claimRun).wake();
    });
    this.runs.set(runId, { control, done });
  }

  cancel(runId: string): void {
    this.runs.get(runId)?.control.cancel();
  }

  stopAll(reason: CausewayError): void {
    for (const { control } of this.runs.values()) control.stop(reason);
  }

  /** Lets the runs finish while there is time, then stops the rest; settles when none of them writes any more. */
  async finish(): Promise<void> {
    const isIdle = await this.idle(Math.max(0, this.settings.drainTimeoutMs - RELEASE_MS));
    if (!isIdle) {
      this.stopAll(causewayError('DRAINING', {}));
      await this.idle(RELEASE_MS / 2);
    }
    await this.journal.idle();
  }

  /** Settles when no run is left, or after so long; true in the first case. */
  private async idle(withinMs: number): Promise<boolean> {
    const all = (async () => {
      while (this.runs.size > 0) await Promise.all([...this.runs.values()].map(({ done }) => done));
    })();
    await waitAtMost(all, withinMs);
    return this.runs.size === 0;
  }

  /** What runs now, for the log line of a process that must be ended. */
  describe(): { runId: string; paths: string[] }[] {
    return [...this.runs.values()].map(({ control }) => ({
      runId: control.runId,
      paths: [...control.underWay.keys()],
    }));
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Commits what has waited since the last look, and shows steps that last. */
  private tick(nowMs: number): void {
    for (const { control } of this.runs.values()) {
      const { journal, underWay } = control;
      if (!journal) continue;
      for (const step of underWay.values()) {
        if (step.isAnnounced || nowMs - step.startedMs < LASTING_MS) continue;
        step.isAnnounced = true;
        journal.pending.attempt({ path: step.path, ...named(step.node), startedAt: step.startedAt });
      }
      const isWaiting = !journal.pending.isEmpty;
      if (isWaiting && control.hasWaited) journal.request();
      control.hasWaited = isWaiting;
    }
  }
}
