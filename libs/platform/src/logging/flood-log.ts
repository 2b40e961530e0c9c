import { Floods } from './floods.js';

/** So many equal events in a minute have a line each; the rest is counted. */
const ONE_BY_ONE = 5;
const MOST_FLOODS = 1_000;
const LOOK_MS = 5_000;

/** How events of one kind are counted and logged. */
export interface FloodLogRules<T> {
  /** What stands for an event when there are too many different ones. */
  readonly coarse: (sample: T) => { readonly key: string; readonly sample: T };
  /** Logs that so many events like this one had no line of their own. */
  readonly logCount: (sample: T, count: number) => void;
}

/** Decides which events have a line in the log, and logs the others as counts, so that nothing can fill the log. */
export class FloodLog<T> {
  readonly #floods: Floods<T>;
  readonly #logCount: FloodLogRules<T>['logCount'];
  #timer: NodeJS.Timeout | undefined;

  constructor({ coarse, logCount }: FloodLogRules<T>) {
    this.#floods = new Floods({ oneByOne: ONE_BY_ONE, mostFloods: MOST_FLOODS, coarse });
    this.#logCount = logCount;
  }

  /** Counts an event; true when it has a line of its own. Events with the same `key` are equal. */
  add(key: string, sample: T): boolean {
    this.#wait();
    return this.#floods.add(key, sample, Date.now());
  }

  /** Logs the counts so far; for the end of a process. */
  close(): void {
    clearTimeout(this.#timer);
    this.#logDue(Infinity);
  }

  #wait(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#logDue(Date.now());
      if (!this.#floods.isEmpty) this.#wait();
    }, LOOK_MS).unref();
  }

  #logDue(nowMs: number): void {
    for (const { sample, count } of this.#floods.takeDue(nowMs)) this.#logCount(sample, count);
  }
}
