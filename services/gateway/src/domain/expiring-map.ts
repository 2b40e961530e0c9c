/** A map that drops entries older than `lifetimeMs`, and the oldest entry when it is full. The caller passes the time. */
export class ExpiringMap<V> {
  private readonly entries = new Map<string, { value: V; untilMs: number }>();

  constructor(
    private readonly maxEntries: number,
    private readonly lifetimeMs: number,
  ) {}

  get(key: string, nowMs: number): V | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    if (entry.untilMs > nowMs) return entry.value;
    this.entries.delete(key);
    return undefined;
  }

  set(key: string, value: V, nowMs: number): void {
    this.entries.delete(key);
    this.entries.set(key, { value, untilMs: nowMs + this.lifetimeMs });
    // They are in the order in which they end.
    for (const [oldest, { untilMs }] of this.entries) {
      if (untilMs > nowMs && this.entries.size <= this.maxEntries) break;
      this.entries.delete(oldest);
    }
  }

  /** How many entries are in memory. */
  get size(): number {
    return this.entries.size;
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  /** Drops the entries that the predicate selects. */
  deleteWhere(picks: (value: V) => boolean): void {
    for (const [key, { value }] of this.entries) if (picks(value)) this.entries.delete(key);
  }
}
