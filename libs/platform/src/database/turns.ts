/**
 * Makes callers of this process that need the same lock wait for each other before they take a connection. Otherwise each caller that
 * waits for the lock in the database would hold a connection, until the pool has none left for others.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `fn` after all earlier calls for this key have ended, with or without an error. @throws what `fn` throws */
  async take<T>(key: string, fn: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(fn);
    const settled = mine.then(
      () => {},
      () => {},
    );
    this.#last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}
