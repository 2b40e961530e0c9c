/** The stages of a process, for its code. Injectable. */
export class Lifecycle {
  readonly #stop = new AbortController();
  readonly #hooks: { name: string; run: () => Promise<void> }[] = [];
  readonly #checks = new Map<string, () => Promise<string | undefined>>();

  /** Aborted when the process begins to stop. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get isDraining(): boolean {
    return this.#stop.signal.aborted;
  }

  /**
   * Adds a function that runs while the process stops: after it takes nothing new, at the same time as the handlers that still run,
   * and before connections close. Limited by the setting `drainTimeoutMs`.
   */
  onDrain(name: string, run: () => Promise<void>): void {
    this.#hooks.push({ name, run });
  }

  /** Adds a check to /ready; it returns a problem, or undefined. */
  addCheck(name: string, check: () => Promise<string | undefined>): void {
    this.#checks.set(name, check);
  }

  /** @internal */
  get checks(): ReadonlyMap<string, () => Promise<string | undefined>> {
    return this.#checks;
  }

  /** @internal */
  get hooks(): readonly { name: string; run: () => Promise<void> }[] {
    return this.#hooks;
  }

  /** @internal */
  begin(): void {
    this.#stop.abort();
  }
}
