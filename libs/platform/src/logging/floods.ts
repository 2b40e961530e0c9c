const WINDOW_MS = 60_000;
/** Counts are reported this often, so a process that dies loses no more than this. */
const COUNT_MS = 5_000;

/** The rules by which items are reported or counted. */
export interface FloodRules<T> {
  /** So many equal items in a minute are reported one by one. @default 10 */
  readonly oneByOne?: number;
  /** Most kinds of items that are counted separately at the same time. @default 5,000 */
  readonly mostFloods?: number;
  /** The coarser kind of an item, used when there are that many kinds: items with the same coarse key are counted together. */
  readonly coarse: (sample: T) => { readonly key: string; readonly sample: T };
}

interface Flood<T> {
  readonly sample: T;
  readonly startedMs: number;
  seen: number;
  untold: number;
  toldMs: number;
}

/** Keeps equal items from filling a list: the first few of a minute are reported one by one, the rest as counts. Bounded in memory. */
export class Floods<T> {
  readonly #floods = new Map<string, Flood<T>>();
  readonly #oneByOne: number;
  readonly #mostFloods: number;
  readonly #coarse: FloodRules<T>['coarse'];

  constructor({ oneByOne = 10, mostFloods = 5_000, coarse }: FloodRules<T>) {
    this.#oneByOne = oneByOne;
    this.#mostFloods = mostFloods;
    this.#coarse = coarse;
  }

  get isEmpty(): boolean {
    return this.#floods.size === 0;
  }

  /** Counts an item; true when it must be reported by itself. Items with the same `key` are equal. */
  add(key: string, sample: T, nowMs: number): boolean {
    const known = this.#floods.get(key);
    if (!known && this.#floods.size >= this.#mostFloods) {
      const { key: other, sample: stand } = this.#coarse(sample);
      this.#count(`coarse ${other}`, stand, nowMs).untold++;
      return false;
    }
    const flood = this.#count(key, sample, nowMs);
    if (flood.seen <= this.#oneByOne) return true;
    flood.untold++;
    return false;
  }

  #count(key: string, sample: T, nowMs: number): Flood<T> {
    const flood = this.#floods.get(key) ?? { sample, startedMs: nowMs, seen: 0, untold: 0, toldMs: nowMs };
    this.#floods.set(key, flood);
    flood.seen++;
    return flood;
  }

  /** Returns the counts that are due, each once. With `Infinity` as the time all counts are due. */
  takeDue(nowMs: number): { sample: T; count: number }[] {
    const due: { sample: T; count: number }[] = [];
    for (const [key, flood] of this.#floods) {
      const isOver = nowMs - flood.startedMs >= WINDOW_MS;
      if (isOver) this.#floods.delete(key);
      if (flood.untold === 0 || (!isOver && nowMs - flood.toldMs < COUNT_MS)) continue;
      due.push({ sample: flood.sample, count: flood.untold });
      flood.untold = 0;
      flood.toldMs = nowMs;
    }
    return due;
  }
}
