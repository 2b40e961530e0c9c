import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { log } from '../logging/log.js';

/** How often rounds begin, and what the log says of one that failed. */
export interface RoundsOptions {
  /** Milliseconds between two rounds that nobody asked for. */
  readonly everyMs: number;
  /** Milliseconds until the round after one that failed. @default everyMs */
  readonly againMs?: number;
  /** Such as "content of deleted files not removed". */
  readonly failure: string;
}

/**
 * Work that is done in rounds, one after the other: at the start, again and again, and whenever something woke it. A subclass does one
 * round, and this class begins and ends them.
 */
export abstract class Rounds implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #options: RoundsOptions;
  #timer: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isWanted = false;
  #hasEnded = false;

  protected constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Does what there is to do. An error is logged. */
  protected abstract round(): Promise<void>;

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => this.wake(), this.#options.everyMs);
    this.wake();
  }

  /** Waits for the round that runs; none begins any more. */
  async onApplicationShutdown(): Promise<void> {
    this.#hasEnded = true;
    clearInterval(this.#timer);
    clearTimeout(this.#again);
    await this.#running;
  }

  /** Begins a round. While one runs, one more follows it, however often this is called. */
  wake(): void {
    this.#isWanted = true;
    this.#running ??= this.#run();
  }

  /** Has a round begin before the next regular one, after `againMs`. */
  protected wakeSoon(): void {
    if (this.#hasEnded) return;
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      this.wake();
    }, this.#options.againMs ?? this.#options.everyMs);
  }

  async #run(): Promise<void> {
    while (this.#isWanted && !this.#hasEnded) {
      this.#isWanted = false;
      try {
        await this.round();
      } catch (error) {
        log.failure(error, this.#options.failure);
        if (this.#options.againMs !== undefined) this.wakeSoon();
      }
    }
    // At once, and not when the promise is settled: whoever wakes it in between would be forgotten.
    this.#running = undefined;
  }
}
