import { log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { CRASH_LIMIT, READABLE_ENGINES } from '../config.js';
import { isProcessGone } from '../runner/life/process-mark.js';
import { ExecutorStore } from '../store/runners/executor.store.js';
import { QuarantineStore } from '../store/runners/quarantine.store.js';

const SILENT_WITHOUT_LOCK_S = 3;
/** After so much silence a runner counts as dead, even if its lock is held. */
export const SILENT_S = 15;

/** Finds dead runners, and puts the runs that they held into quarantine groups. */
@Injectable()
export class Deaths {
  /** Until then no runner's silence counts: the cause may be this process. */
  private quietUntilMs = 0;

  constructor(
    private readonly executors: ExecutorStore,
    private readonly quarantine: QuarantineStore,
  ) {}

  /** @returns how many groups wait for a runner now */
  async find(): Promise<number> {
    const startedMs = performance.now();
    try {
      await this.findGone();
      await this.findSilent();
      await this.group();
      // If this process had no connection for so long, the other runners may have had none either, and no heartbeat.
      if (performance.now() - startedMs > SILENT_WITHOUT_LOCK_S * 1_000) this.keepQuiet();
      return await this.quarantine.countWaiting(READABLE_ENGINES, CRASH_LIMIT);
    } catch (error) {
      this.keepQuiet();
      throw error;
    }
  }

  private keepQuiet(): void {
    this.quietUntilMs = performance.now() + SILENT_S * 1_000;
  }

  /** Finds runners whose processes were on this machine and have ended: for these no silence is needed. */
  private async findGone(): Promise<void> {
    const marked = await this.executors.findMarked();
    const gone = marked.filter(({ pid, process: mark }) => isProcessGone(pid, mark)).map(({ id }) => id);
    if (gone.length === 0) return;
    await this.executors.end(gone);
    for (const runnerId of gone) log.error({ runnerId }, 'process of a runner has ended');
  }

  private async findSilent(): Promise<void> {
    if (performance.now() < this.quietUntilMs) return;
    const dead = await this.executors.findDead({ withoutLockS: SILENT_WITHOUT_LOCK_S, withLockS: SILENT_S });
    for (const runnerId of dead) log.error({ runnerId }, 'runner found dead');
  }

  private async group(): Promise<void> {
    for (const { name, runs } of await this.quarantine.group())
      log.warn({ quarantine: name, runs: runs.length }, 'runs of a dead runner put into quarantine');
  }
}
