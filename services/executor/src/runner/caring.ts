import { causewayError, claimRun, runCancelRequested } from '@causeway/contracts';
import { Bus, Doorbells, Lifecycle, SETTINGS, log } from '@causeway/platform';
import type { LiveSubscription } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../config.js';
import { ExecutorStore } from '../store/executor.store.js';
import { RunStore } from '../store/run.store.js';
import { Heartbeat } from './heartbeat.js';
import { Journal } from '../walk/journal.js';
import { RunnerIdentity } from './runner-identity.js';
import { RunningRuns } from './running-runs.js';

const LOOK_MS = { shared: 1_000, solo: 250 };
const COMPARE_MS = 1_000;
/** A solo runner without work for so long ends. */
const SOLO_IDLE_MS = 10_000;
/** What remains of the drain time once runs are asked to stop: for their last results, and for giving them back. */
const RELEASE_MS = 3_000;

/**
 * What a runner does beside walking: it takes over runs that nobody walks, hears of cancels, and gives back at its end what it
 * could not finish.
 */
@Injectable()
export class Caring implements OnApplicationShutdown {
  private timers: NodeJS.Timeout[] = [];
  private subscription: LiveSubscription | undefined;
  private looking: Promise<void> | undefined;
  private idleSinceMs = performance.now();
  private missing: ReadonlySet<string> = new Set();

  constructor(
    private readonly runner: RunnerIdentity,
    private readonly runs: RunningRuns,
    private readonly store: RunStore,
    private readonly executors: ExecutorStore,
    private readonly journal: Journal,
    private readonly heartbeat: Heartbeat,
    private readonly doorbells: Doorbells,
    private readonly bus: Bus,
    private readonly lifecycle: Lifecycle,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Announces this runner and begins. Before it, nothing may be claimed. */
  async start(): Promise<void> {
    const intake = this.doorbells.of(claimRun);
    if (this.runner.takesSuspects) intake.pause();
    await this.heartbeat.start({
      lockLost: () => intake.pause(),
      lockHeld: () => {
        if (!this.runner.takesSuspects && !this.lifecycle.isDraining) intake.resume();
      },
      foundDead: () => this.runs.stopAll(causewayError('LEASE_LOST', { runId: 'all' })),
    });
    this.subscription = this.bus.subscribe(runCancelRequested, undefined, ({ runId }) =>
      this.runs.cancel(runId),
    );
    this.timers = [
      setInterval(() => this.look(), LOOK_MS[this.runner.kind]),
      setInterval(() => void this.compare(), COMPARE_MS),
    ];
    process.on('message', (message) => {
      if (message === 'look') this.look();
    });
    this.lifecycle.onDrain('runs', () => this.leave());
  }

  onApplicationShutdown(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.subscription?.unsubscribe();
  }

  /** Takes over what there is room for. */
  private look(): void {
    if (this.lifecycle.isDraining || !this.heartbeat.isLockHeld) return;
    this.looking ??= this.adopt()
      .catch((error: unknown) => log.failure(error, 'runs not taken over'))
      .finally(() => (this.looking = undefined));
  }

  private async adopt(): Promise<void> {
    const room = (this.runner.takesSuspects ? 1 : this.settings.runsPerRunner) - this.runs.size;
    if (room <= 0) {
      this.idleSinceMs = performance.now();
      return;
    }
    const adopted = await this.store.adopt(this.runner, room, this.runner.crashLimit);
    for (const run of adopted) {
      log.warn({ runId: run.runId, epoch: run.epoch, isSuspect: run.isSuspect }, 'run taken over');
      this.runs.start(run);
    }
    if (adopted.length > 0) this.idleSinceMs = performance.now();
    else if (this.runner.takesSuspects && performance.now() - this.idleSinceMs > SOLO_IDLE_MS)
      process.kill(process.pid, 'SIGTERM');
  }

  /**
   * Compares what this runner holds with what it walks: hears of cancels that the bus lost, and gives back runs that it has left
   * without an end, as after a time without Postgres.
   */
  private async compare(): Promise<void> {
    try {
      const held = await this.executors.findHeld(this.runner.id);
      for (const { runId, cancelRequested } of held) if (cancelRequested) this.runs.cancel(runId);
      // A run that was just claimed is not among the walked ones yet, so it must be missing twice.
      const missing = held.map(({ runId }) => runId).filter((runId) => !this.runs.has(runId));
      const left = missing.filter((runId) => this.missing.has(runId));
      this.missing = new Set(missing);
      if (left.length === 0) return;
      log.warn({ runIds: left }, 'runs left here given back');
      await this.executors.release(this.runner.id, left);
    } catch (error) {
      log.failure(error, 'own runs not compared');
    }
  }

  private async leave(): Promise<void> {
    const intake = this.doorbells.of(claimRun);
    intake.pause();
    // What is being claimed or taken over now is held by this runner, so it is given back with the rest.
    await Promise.all([intake.idle(), this.looking]);
    const isIdle = await this.runs.idle(Math.max(0, this.settings.drainTimeoutMs - RELEASE_MS));
    if (!isIdle) {
      this.runs.stopAll(causewayError('DRAINING', {}));
      await this.runs.idle(RELEASE_MS / 2);
    }
    await this.journal.idle();
    const released = await this.executors.release(this.runner.id);
    if (released > 0) log.warn({ released }, 'runs given back');
    await this.executors.end([this.runner.id]);
    await this.heartbeat.stop();
  }
}
