/** Most callers for which one limit counts at the same time; beyond it the one whose window began first is forgotten. */
const MOST_CALLERS = 20_000;

interface Window {
  /** What this process has counted in the window. */
  own: number;
  /** What all processes had counted when they last told each other, this one included. */
  shared: number;
  /** The part of `own` that the others have not been told. */
  untold: number;
  endsAtMs: number;
  isAligned: boolean;
}

/** What was counted for one caller, which the other processes have to be told. */
export interface Untold {
  readonly caller: string;
  readonly count: number;
}

/**
 * Counts requests of many callers, each in a window of the same length. It decides with what this process has counted and with what the
 * others had counted when they last told it, so it never waits. Memory is bounded. The caller passes the time.
 */
export class RateCounts {
  // In the order in which their windows began, which is nearly that in which they end.
  private readonly windows = new Map<string, Window>();
  private changed = new Set<string>();

  constructor(
    private readonly windowMs: number,
    private readonly mostCallers = MOST_CALLERS,
  ) {}

  /** How many requests the caller has sent in the current window, and when it ends. */
  find(caller: string, nowMs: number): { readonly used: number; readonly endsAtMs: number } {
    const window = this.current(caller, nowMs);
    return window
      ? { used: usedOf(window), endsAtMs: window.endsAtMs }
      : { used: 0, endsAtMs: nowMs + this.windowMs };
  }

  /** Counts a request. */
  add(caller: string, nowMs: number): void {
    const window = this.current(caller, nowMs) ?? this.begin(caller, nowMs);
    window.own++;
    window.untold++;
    this.changed.add(caller);
  }

  /** What the others have to be told; it counts as told from now on. @param most callers at once; the others come next time */
  takeUntold(most: number, nowMs: number): Untold[] {
    const untold: Untold[] = [];
    for (const caller of this.changed) {
      if (untold.length === most) break;
      this.changed.delete(caller);
      const window = this.current(caller, nowMs);
      if (!window) continue;
      untold.push({ caller, count: window.untold });
      window.shared += window.untold;
      window.untold = 0;
    }
    return untold;
  }

  /**
   * Takes what all processes together have counted, after `takeUntold`.
   *
   * @param endsInMs when the others' window ends: at the first time it becomes this one's
   */
  learn(caller: string, count: number, endsInMs: number, nowMs: number): void {
    const window = this.current(caller, nowMs);
    if (!window) return;
    // A store that was emptied counts fewer than this process has: then its own count decides.
    window.shared = count;
    if (window.isAligned) return;
    window.isAligned = true;
    window.endsAtMs = Math.min(window.endsAtMs, nowMs + endsInMs);
  }

  /** How many callers are in memory. */
  get size(): number {
    return this.windows.size;
  }

  private current(caller: string, nowMs: number): Window | undefined {
    const window = this.windows.get(caller);
    if (!window || window.endsAtMs > nowMs) return window;
    this.forget(caller);
    return undefined;
  }

  private begin(caller: string, nowMs: number): Window {
    const window = { own: 0, shared: 0, untold: 0, endsAtMs: nowMs + this.windowMs, isAligned: false };
    this.windows.set(caller, window);
    // The oldest are over, or are forgotten because there are too many.
    for (const [oldest, { endsAtMs }] of this.windows) {
      if (endsAtMs > nowMs && this.windows.size <= this.mostCallers) break;
      this.forget(oldest);
    }
    return window;
  }

  private forget(caller: string): void {
    this.windows.delete(caller);
    this.changed.delete(caller);
  }
}

function usedOf({ own, shared, untold }: Window): number {
  return Math.max(own, shared + untold);
}
