import { log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { CRASH_LIMIT, READABLE_ENGINES } from '../config.js';
import { isProcessGone } from '../runner/life/process-mark.js';
import { ExecutorStore } from '../store/runners/executor.store.js';
import { QuarantineStore } from '../store/runners/quarantine.store.js';

const SILENT_WITHOUT_LOCK_S = 3;
/** Silence after which a runner is dead, whatever else it shows. */
export const SILENT_S = 15;

/** Finds runners dead, and puts what they held into quarantine groups. */
@Injectable()
export class Deaths {
  /** Until then nobody's silence counts: it may be our own. */
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
      // A connection that was broken for so long may have kept others' heartbeats from us.
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

  /** Those whose processes were on this machine and have ended: that needs no silence to be believed. */
  private async findGone(): Promise<void> {
    const marked = await this.executors.findMarked();
    const gone = marked.filter(({ pid, process: mark }) => isProcessGone(pid, mark)).map(({ id }) => id);
    if (gone.length === 0) return;
    await this.executors.end(gone);
    for (const runnerId of gone) log.error({ runnerId }, 'runner found gone');
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
