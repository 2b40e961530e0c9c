import { totalmem } from 'node:os';
import { Lifecycle, SETTINGS, environmentName, gauge, log, showMetricsOf } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { SupervisorSettings } from '../config.js';
import type { RunnerKind } from '../runner/life/runner-identity.js';
import { ExecutorStore } from '../store/runners/executor.store.js';
import { BackOff } from './back-off.js';
import { readRunnerMetrics } from './runner-metrics.js';
import { RunnerKeys } from './runner-keys.js';
import { RunnerProcess } from './runner-process.js';
import type { RunnerEnd } from './runner-process.js';

const LOOK_MS = 1_000;
const MIB = 1024 ** 2;
/** A runner whose main loop does not respond for so many looks is ended; its own heartbeat thread does the same. */
const STANDSTILL_LOOKS = 10;
/** When a runner ends earlier and without a run, the reason may last, so the next start waits. */
const WORKING_MS = 10_000;

/**
 * Keeps runners alive: one that takes new runs, one that stands by, and quarantine runners while groups wait. When one dies, its row is
 * marked at once: its process has ended, so no executor needs to wait for its silence.
 */
@Injectable()
export class Runners {
  private readonly runners = new Set<RunnerProcess>();
  private readonly backOffs = { shared: new BackOff(), standby: new BackOff(), quarantine: new BackOff() };
  private timer: NodeJS.Timeout | undefined;
  /** A runner has died, and the sweeper has not yet reported whether it left a group. */
  private isSweepDue = false;
  readonly memoryLimitBytes: number;

  constructor(
    private readonly store: ExecutorStore,
    private readonly lifecycle: Lifecycle,
    private readonly keys: RunnerKeys,
    @Inject(SETTINGS) private readonly settings: SupervisorSettings,
  ) {
    const container = process.constrainedMemory();
    const machine = container > 0 && container < totalmem() ? container : totalmem();
    this.memoryLimitBytes = Math.min(
      settings.memoryLimitMb * MIB,
      Math.max(machine - process.memoryUsage.rss(), 64 * MIB),
    );
    gauge('causeway_runner_memory_bytes', 'Resident memory of each runner.', () =>
      [...this.runners].map(({ kind, pid, rssBytes }) => ({
        value: rssBytes,
        labels: { kind, pid: pid ?? 0 },
      })),
    );
  }

  /** Starts the shared runner; settles when it takes runs. */
  async start(): Promise<void> {
    log.info(
      { memoryLimitMb: Math.floor(this.memoryLimitBytes / MIB) },
      'effective memory limit of a runner',
    );
    showMetricsOf(() => readRunnerMetrics([...this.runners], this.settings.internalHost));
    this.lifecycle.onDrain('runners', () => this.stop());
    this.lifecycle.addCheck('runner', async () => (this.serving ? undefined : 'no runner takes runs now'));
    this.timer = setInterval(() => this.look(), LOOK_MS);
    await this.begin('shared')?.ready;
  }

  /** Reports how many quarantine groups wait. The existing quarantine runners look for them at once; idle ones end by themselves. */
  wantQuarantine(groups: number): void {
    this.isSweepDue = false;
    if (this.lifecycle.isDraining) return;
    if (groups > 0) for (const runner of this.of('quarantine')) runner.nudge();
    this.careForQuarantine(groups);
    this.care();
  }

  /** Set by the sweeper, which then looks for the runs of a dead runner. */
  onDeath: () => void = () => {};

  private of(kind: RunnerKind): RunnerProcess[] {
    return [...this.runners].filter((runner) => runner.kind === kind);
  }

  /** The runner that takes new runs. */
  private get serving(): RunnerProcess | undefined {
    return this.of('shared').find(({ isFit }) => isFit);
  }

  private look(): void {
    for (const runner of this.runners) {
      runner.ask();
      this.checkMemory(runner);
      if (runner.silence < STANDSTILL_LOOKS) continue;
      log.error({ kind: runner.kind, runnerId: runner.id }, 'runner does not respond and is ended');
      runner.kill();
    }
    this.care();
    // A runner that does not respond will leave a group: the quarantine runner for it may start meanwhile.
    const leftSoon = [...this.runners].filter(({ isFrozen, runs }) => isFrozen && runs > 0);
    if (leftSoon.length > 0 && !this.lifecycle.isDraining) this.careForQuarantine(leftSoon.length);
  }

  private care(): void {
    if (this.lifecycle.isDraining) return;
    this.careForShared();
    this.careForStandby();
  }

  /** One runner must take new runs: the standby at once or when it is ready, else a new process. If two do, one becomes the standby. */
  private careForShared(): void {
    const { serving } = this;
    if (!serving) {
      const next = this.of('standby').find(({ isFit }) => isFit);
      if (next) {
        log.warn({ runnerId: next.id }, 'standby takes new runs');
        next.become('shared');
      } else if ([...this.of('shared'), ...this.of('standby')].every(({ isReady }) => isReady))
        this.begin('shared');
      return;
    }
    for (const other of this.of('shared')) if (other !== serving && other.isFit) other.become('standby');
  }

  /** Starts one runner for each group, up to the limit of quarantine runners. */
  private careForQuarantine(groups: number): void {
    const runners = this.of('quarantine');
    const free = runners.filter(({ isReady, runs }) => !isReady || runs === 0).length;
    const missing = Math.min(groups - free, this.settings.quarantineRunners - runners.length);
    for (let n = 0; n < missing; n++) this.begin('quarantine');
  }

  /** Starts the standby last and when no other runner starts, because no run waits for it. */
  private careForStandby(): void {
    const isBusy = [...this.runners].some(({ isFit }) => !isFit);
    if (isBusy || this.isSweepDue || !this.serving) return;
    const spare = this.of('standby').length - this.settings.standbyRunners;
    if (spare < 0) this.begin('standby');
    for (const runner of this.of('standby').slice(0, Math.max(0, spare))) void runner.stop();
  }

  /** Starts a runner. Undefined while it must wait before the next start. */
  private begin(kind: RunnerKind): RunnerProcess | undefined {
    if (!this.backOffs[kind].mayStart(performance.now())) return undefined;
    const runner = new RunnerProcess(kind, this.settings, (asked) => this.keys.answer(asked));
    this.runners.add(runner);
    runner.ready.then(
      () => this.care(),
      () => {},
    );
    void runner.ended.then((end) => this.ended(runner, end));
    return runner;
  }

  private async ended(runner: RunnerProcess, { code, signal, livedMs }: RunnerEnd): Promise<void> {
    const { id, kind, isReady } = runner;
    this.runners.delete(runner);
    const fields = { kind, runnerId: id, code, signal, livedMs: Math.round(livedMs) };
    if (code === 0 || runner.wasUnused) {
      log.info(fields, 'runner ended');
      return this.care();
    }
    log.error(fields, 'runner died');
    const hasWorked = isReady && (runner.runs > 0 || livedMs > WORKING_MS);
    this.backOffs[kind].ended(performance.now(), hasWorked);
    // New runs come first: the standby takes them before the death is stored; then follow the runs that this runner held.
    this.isSweepDue = true;
    this.care();
    try {
      await this.store.end([id]);
    } catch (error) {
      // The sweeper finds that its process has ended.
      log.failure(error, 'death of a runner not stored');
    }
    this.onDeath();
  }

  private checkMemory(runner: RunnerProcess): void {
    runner.sample();
    if (runner.rssBytes <= this.memoryLimitBytes) return;
    const fields = {
      kind: runner.kind,
      rssMb: Math.floor(runner.rssBytes / MIB),
      limitMb: Math.floor(this.memoryLimitBytes / MIB),
    };
    log.error({ ...fields, limitName: environmentName('memoryLimitMb') }, 'runner over its memory limit');
    runner.kill();
  }

  private async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([...this.runners].map((runner) => runner.stop()));
  }
}
