/** Of alike things in a minute, so many are told one by one. */
const ONE_BY_ONE = 10;
const WINDOW_MS = 60_000;
/** What is only counted is told so often: a process that dies loses no more of it. */
const COUNT_MS = 5_000;

interface Flood<T> {
  readonly sample: T;
  readonly startedMs: number;
  seen: number;
  untold: number;
  toldMs: number;
}

/** Keeps alike things from filling a list: the first ten of a minute stand there by themselves, the rest as counts. */
export class Floods<T> {
  private readonly floods = new Map<string, Flood<T>>();

  get isEmpty(): boolean {
    return this.floods.size === 0;
  }

  /** Counts one; true when it is to be told by itself. `key`: what makes things alike. */
  add(key: string, sample: T, nowMs: number): boolean {
    const flood = this.floods.get(key) ?? { sample, startedMs: nowMs, seen: 0, untold: 0, toldMs: nowMs };
    this.floods.set(key, flood);
    if (++flood.seen <= ONE_BY_ONE) return true;
    flood.untold++;
    return false;
  }

  /** What was only counted and is due, each time once. `Infinity` is the time when everything is. */
  takeDue(nowMs: number): { sample: T; count: number }[] {
    const due: { sample: T; count: number }[] = [];
    for (const [key, flood] of this.floods) {
      const isOver = nowMs - flood.startedMs >= WINDOW_MS;
      if (isOver) this.floods.delete(key);
      if (flood.untold === 0 || (!isOver && nowMs - flood.toldMs < COUNT_MS)) continue;
      due.push({ sample: flood.sample, count: flood.untold });
      flood.untold = 0;
      flood.toldMs = nowMs;
    }
    return due;
  }
}
