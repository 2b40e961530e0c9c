import { SETTINGS, log } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../../config.js';
import { RunStore } from '../../store/run.store.js';
import type { Adopted } from '../../store/run.store.js';
import { RunnerIdentity } from '../life/runner-identity.js';
import { RunningRuns } from './running-runs.js';
import { Taking } from './taking.js';

const LOOK_MS = { shared: 1_000, standby: 1_000, quarantine: 250 };
/** A quarantine runner without work for so long ends. */
const IDLE_MS = 10_000;
/** A group that has waited for so long is executed beside another one. */
const LONG_WAIT_S = 30;

/** Takes over runs that no runner executes: those that runners gave back, or the groups of dead runners. */
@Injectable()
export class Adopting implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private busyMs = performance.now();
  /** True while this runner executes a run that must stay alone. */
  private isTrial = false;

  constructor(
    private readonly runner: RunnerIdentity,
    private readonly runs: RunningRuns,
    private readonly store: RunStore,
    private readonly taking: Taking,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), LOOK_MS[this.runner.kind]);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Takes over as many runs as there is room for. */
  look(): void {
    if (!this.taking.mayAdopt || this.runner.kind === 'standby') return;
    this.looking ??= this.adopt()
      .catch((error: unknown) => log.failure(error, 'runs not taken over'))
      .finally(() => (this.looking = undefined));
  }

  /** Settles when nothing is being taken over. */
  async idle(): Promise<void> {
    await this.looking;
  }

  private async adopt(): Promise<void> {
    const room = this.settings.runsPerRunner - this.runs.size;
    const adopted = room > 0 ? await this.find(room) : [];
    for (const run of adopted) {
      const { envelope, epoch, quarantine } = run;
      log.warn({ runId: envelope.runId, epoch, quarantine }, 'run taken over');
      this.runs.start(run);
    }
    if (this.runs.size > 0) this.busyMs = performance.now();
    else if (this.runner.isQuarantine && performance.now() - this.busyMs > IDLE_MS)
      process.kill(process.pid, 'SIGTERM');
  }

  private async find(room: number): Promise<Adopted[]> {
    const { runner, runs, store } = this;
    if (!runner.isQuarantine) return store.adoptReleased(runner, room);
    const isIdle = runs.size === 0;
    if (!isIdle && this.isTrial) return [];
    const { crashLimit } = runner;
    const adopted = await store.adoptGroup(runner, {
      atMost: room,
      crashLimit,
      waitedS: isIdle ? 0 : LONG_WAIT_S,
    });
    if (isIdle) this.isTrial = adopted.length === 1;
    return adopted;
  }
}
