/**
 * Lets those of this process that want the same thing have it one after the other, before they take a connection: those that wait for a
 * lock of the database hold one each, until the pool has none left for anybody else.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `fn` once all that came before for this key are done, however they ended. @throws what `fn` throws */
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
