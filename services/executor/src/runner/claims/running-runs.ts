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
/** A step that takes longer is seen as running, and what precedes it is committed. */
const LASTING_MS = 100;
/** What remains of the drain time once runs are asked to stop: for their last results, and for giving them back. */
const RELEASE_MS = 3_000;

/** The runs that this process walks now. */
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
    gauge('causeway_runs_running', 'Runs that this process walks now.', () => this.runs.size);
  }

  get size(): number {
    return this.runs.size;
  }

  /** The run that has this process to itself. */
  get alone(): RunControl | undefined {
    if (this.runs.size !== 1) return undefined;
    const [run] = this.runs.values();
    return run?.control;
  }

  has(runId: string): boolean {
    return this.runs.has(runId);
  }

  /** Begins an attempt. One that this process still makes at the same run has lost its lease by that. */
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

  /** Lets the runs come to their ends while there is time, then stops the rest; settles when nothing of them is on its way. */
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

  /** What runs now, for a process that must be ended. */
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
