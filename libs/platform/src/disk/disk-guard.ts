import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { causewayError } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { log } from '../logging/log.js';
import { gauge } from '../telemetry/metrics.js';

export interface DiskLimits {
  /** Paths whose file systems are watched; without any, nothing is ever refused. */
  readonly paths: readonly string[];
  readonly warnPercent: number;
  readonly refusePercent: number;
  readonly lookMs: number;
}

type Grade = 'free' | 'nearly full' | 'full';

/**
 * Watches how full the disks of the platform are. It checks them every few seconds, and its methods answer from the last check at no cost.
 * While a disk is full, requests that store much are refused: runs, uploads, flows. Runs that have started may finish, small changes are
 * accepted, and nothing that frees space is ever refused. Injectable.
 */
export class DiskGuard {
  readonly #limits: DiskLimits;
  readonly #usedPercent = new Map<string, number>();
  readonly #grades = new Map<string, Grade>();
  #isLooking = false;

  constructor(limits: DiskLimits) {
    this.#limits = limits;
  }

  /** Checks now and then regularly until the signal. Settles after the first check. */
  async start(signal: AbortSignal): Promise<void> {
    if (this.#limits.paths.length === 0) return;
    gauge('causeway_disk_used_ratio', 'Used part of the disk of a path in CAUSEWAY_DISK_PATHS.', () =>
      [...this.#usedPercent].map(([path, percent]) => ({ value: percent / 100, labels: { path } })),
    );
    const timer = setInterval(() => void this.#look(), this.#limits.lookMs).unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    await this.#look();
  }

  /** The error with which new work is refused while a disk is full; undefined otherwise. */
  refusal(): CausewayError | undefined {
    const { refusePercent: limitPercent } = this.#limits;
    for (const [path, percent] of this.#usedPercent)
      if (percent >= limitPercent)
        return causewayError('DISK_FULL', {
          path,
          usedPercent: Math.floor(percent),
          limitName: 'CAUSEWAY_DISK_REFUSE_PERCENT',
          limitPercent,
          retryAfterS: 30,
        });
    return undefined;
  }

  /** @throws CausewayError DISK_FULL */
  check(): void {
    const refusal = this.refusal();
    if (refusal) throw refusal;
  }

  async #look(): Promise<void> {
    // Checks of a network disk that does not answer must not accumulate.
    if (this.#isLooking) return;
    this.#isLooking = true;
    for (const path of this.#limits.paths)
      await usedPercentOf(path).then(
        (percent) => this.#note(path, percent),
        (error: unknown) => log.warn({ error, path }, 'disk not checked'),
      );
    this.#isLooking = false;
  }

  #note(path: string, percent: number): void {
    const { warnPercent, refusePercent } = this.#limits;
    this.#usedPercent.set(path, percent);
    const grade = percent >= refusePercent ? 'full' : percent >= warnPercent ? 'nearly full' : 'free';
    const before = this.#grades.get(path) ?? 'free';
    this.#grades.set(path, grade);
    if (grade === before) return;
    const seen = { path, usedPercent: Math.floor(percent), warnPercent, refusePercent };
    if (grade === 'full') log.error({ ...seen, refused: 'new runs, uploads and flows' }, 'disk full');
    else if (grade === 'nearly full') log.warn(seen, 'disk nearly full');
    else log.info(seen, 'disk has room again');
  }
}

/** The used percentage as `df` shows it: of the space that an ordinary user may use. A path that does not exist yet is on the disk of its parent. */
async function usedPercentOf(path: string): Promise<number> {
  const { blocks, bfree, bavail } = await statfs(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || dirname(path) === path) throw error;
    return statfs(dirname(path));
  });
  const used = blocks - bfree;
  return used + bavail === 0 ? 0 : (100 * used) / (used + bavail);
}
