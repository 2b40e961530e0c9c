import { causewayError } from '@causeway/contracts';
import { SETTINGS, environmentName, log } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../../config.js';
import { RunningRuns } from '../claims/running-runs.js';

const LOOK_MS = 100;
const MIB = 1024 ** 2;
/** A runner above its limit is killed; slightly below it, the run that uses the memory can still be ended with an error that says why. */
const NEARLY = 0.9;

/**
 * Ends a run that uses more memory than it may. Memory can be measured only per process, so this is possible only while a run is alone
 * in its runner: the memory beyond what the process had without runs is the run's. When a run uses too much beside others, the
 * supervisor ends the runner; soon after, the run is alone in quarantine and is ended here.
 */
@Injectable()
export class MemoryWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private idleBytes = 0;

  constructor(
    private readonly runs: RunningRuns,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    this.idleBytes = process.memoryUsage.rss();
    this.timer = setInterval(() => this.look(process.memoryUsage.rss()), LOOK_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** @param rssBytes  resident memory of this process */
  look(rssBytes: number): void {
    if (this.runs.size === 0) this.idleBytes = rssBytes;
    const run = this.runs.alone;
    if (!run) return;
    const containerBytes = process.constrainedMemory() || Infinity;
    const runnerBytes = Math.min(this.settings.memoryLimitMb * MIB, containerBytes);
    const ownBytes = run.claimed.envelope.limits.memoryBytes;
    const usedBytes = Math.max(0, rssBytes - this.idleBytes);
    const isRunner = rssBytes > runnerBytes * NEARLY;
    if (!isRunner && usedBytes <= ownBytes) return;
    const limit = isRunner
      ? { limitName: environmentName('memoryLimitMb'), limitBytes: runnerBytes }
      : { limitName: environmentName('runMemoryBytes'), limitBytes: ownBytes };
    const error = causewayError('LIMIT_MEMORY', { usedBytes, ...limit });
    log.warn({ runId: run.runId, usedBytes, ...limit }, 'run over its memory limit');
    run.stop(error);
  }
}
