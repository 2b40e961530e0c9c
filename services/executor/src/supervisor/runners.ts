import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { Lifecycle, SETTINGS, environmentName, gauge, log, newId } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { ExecutorStore } from '../store/executor.store.js';
import type { RunnerKind } from '../runner/runner-identity.js';

/** A child process in which runs are walked. */
interface Runner {
  readonly id: string;
  readonly kind: RunnerKind;
  readonly process: ChildProcess;
  readonly startedMs: number;
  isReady: boolean;
  rssBytes: number;
}

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;
/** A runner that lived for so long starts its back-off anew. */
const STEADY_MS = 60_000;
const SAMPLE_MS = 1_000;
const PAGE_BYTES = 4_096;
const MIB = 1024 ** 2;
/** Measured: a third less memory than the default, at no cost in time. */
const YOUNG_GENERATION = '--max-semi-space-size=16';

/**
 * Keeps runners alive: one shared, and solo ones while there are suspects. When one dies, the database hears of it at once: its
 * process is gone, so nobody needs to wait for its silence.
 */
@Injectable()
export class Runners {
  private readonly runners = new Map<string, Runner>();
  private readonly backoffMs = { shared: 0, solo: 0 };
  private readonly notBeforeMs = { shared: 0, solo: 0 };
  private timer: NodeJS.Timeout | undefined;
  private wantedSolos = 0;
  readonly memoryLimitBytes: number;

  constructor(
    private readonly store: ExecutorStore,
    private readonly lifecycle: Lifecycle,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    const container = process.constrainedMemory();
    const machine = container > 0 && container < totalmem() ? container : totalmem();
    this.memoryLimitBytes = Math.min(
      settings.memoryLimitMb * MIB,
      Math.max(machine - process.memoryUsage.rss(), 64 * MIB),
    );
    gauge('causeway_runner_memory_bytes', 'Resident memory of each runner.', () =>
      [...this.runners.values()].map(({ kind, process: { pid }, rssBytes }) => ({
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
    this.lifecycle.onDrain('runners', () => this.stop());
    this.lifecycle.addCheck('runner', async () => (this.isReady ? undefined : 'no runner takes runs now'));
    this.timer = setInterval(() => this.care(), SAMPLE_MS);
    await this.begin('shared');
  }

  private get isReady(): boolean {
    return [...this.runners.values()].some(({ kind, isReady }) => kind === 'shared' && isReady);
  }

  /** So many solo runners are useful now; those there are look for work at once. Idle ones end by themselves. */
  wantSolos(count: number): void {
    this.wantedSolos = Math.min(count, this.settings.soloRunners);
    for (const runner of this.runners.values()) if (runner.kind === 'solo') this.nudge(runner);
    this.care();
  }

  /** Lets the shared runner look for runs that were given back. */
  nudgeShared(): void {
    for (const runner of this.runners.values()) if (runner.kind === 'shared') this.nudge(runner);
  }

  private nudge(runner: Runner): void {
    if (runner.isReady && runner.process.connected) runner.process.send('look', () => {});
  }

  private care(): void {
    if (this.lifecycle.isDraining) return;
    this.sample();
    if (this.count('shared') === 0) void this.begin('shared').catch(() => {});
    for (let missing = this.wantedSolos - this.count('solo'); missing > 0; missing--)
      void this.begin('solo').catch(() => {});
  }

  private count(kind: RunnerKind): number {
    return [...this.runners.values()].filter((runner) => runner.kind === kind).length;
  }

  private begin(kind: RunnerKind): Promise<void> {
    if (performance.now() < this.notBeforeMs[kind]) return Promise.resolve();
    const id = newId();
    const child = fork(new URL('../runner.js', import.meta.url), [kind, id], {
      execArgv: [...process.execArgv, YOUNG_GENERATION],
    });
    const runner: Runner = {
      id,
      kind,
      process: child,
      startedMs: performance.now(),
      isReady: false,
      rssBytes: 0,
    };
    this.runners.set(id, runner);
    const ready = Promise.withResolvers<void>();
    child.on('message', (message: { type?: string; internalPort?: number }) => {
      if (message.type !== 'causeway.ready') return;
      runner.isReady = true;
      log.info({ kind, runnerId: id, pid: child.pid, internalPort: message.internalPort }, 'runner ready');
      ready.resolve();
    });
    child.on('error', (error) => log.error({ error, kind }, 'runner not started'));
    child.on('exit', (code, signal) => {
      ready.reject(
        new Error(`the ${kind} runner ended before it was ready: ${signal ?? `exit code ${code}`}`),
      );
      void this.ended(runner, code, signal);
    });
    return ready.promise;
  }

  private async ended(runner: Runner, code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const { id, kind } = runner;
    const livedMs = performance.now() - runner.startedMs;
    this.runners.delete(id);
    const fields = { kind, runnerId: id, code, signal, livedMs: Math.round(livedMs) };
    if (code === 0) log.info(fields, 'runner ended');
    else {
      log.error(fields, 'runner died');
      const before = livedMs > STEADY_MS ? 0 : this.backoffMs[kind];
      this.backoffMs[kind] = before === 0 ? FIRST_BACKOFF_MS : Math.min(before * 2, LONGEST_BACKOFF_MS);
      this.notBeforeMs[kind] = performance.now() + before;
      try {
        await this.store.end([id]);
      } catch (error) {
        // Its silence will tell.
        log.failure(error, 'death of a runner not noted');
      }
      this.onDeath();
    }
    this.care();
  }

  /** Set by the sweeper: looks for what a dead runner held. */
  onDeath: () => void = () => {};

  private sample(): void {
    for (const runner of this.runners.values()) {
      runner.rssBytes = residentBytes(runner.process.pid) ?? runner.rssBytes;
      if (runner.rssBytes <= this.memoryLimitBytes) continue;
      const fields = {
        kind: runner.kind,
        rssMb: Math.floor(runner.rssBytes / MIB),
        limitMb: Math.floor(this.memoryLimitBytes / MIB),
      };
      log.error({ ...fields, limitName: environmentName('memoryLimitMb') }, 'runner over its memory limit');
      runner.process.kill('SIGKILL');
    }
  }

  private async stop(): Promise<void> {
    clearInterval(this.timer);
    const ending = [...this.runners.values()].map(async ({ process: child }) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    });
    await Promise.all(ending);
  }
}

/** Resident memory of a process; undefined where the system does not tell. */
function residentBytes(pid: number | undefined): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return undefined;
  }
}
