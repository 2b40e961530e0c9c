import type { CommandContract } from '@causeway/contracts';

const DEFAULT_CAPACITY = 64;

/** How many doorbells of one contract this process takes. */
export class Intake {
  #capacity: number | ((running: number) => number) = DEFAULT_CAPACITY;
  #isPaused = false;
  #running = 0;
  #changed: () => void = () => {};
  #whenIdle: (() => void)[] = [];

  /** Handlers that run now. */
  get running(): number {
    return this.#running;
  }

  /**
   * A number: so many handlers at once. A function: how many more may be taken now, in addition to the `running`
   * handlers; it is called before each pull, at each arrival, and on `wake()`. @default 64
   */
  setCapacity(capacity: number | ((running: number) => number)): void {
    this.#capacity = capacity;
    this.#changed();
  }

  /** Reads the capacity again. */
  wake(): void {
    this.#changed();
  }

  /** Takes no more until `resume()`. */
  pause(): void {
    this.#isPaused = true;
    this.#changed();
  }

  resume(): void {
    this.#isPaused = false;
    this.#changed();
  }

  /** Settles when no handler runs; while it is paused, none begins after that. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** How many more may be taken now. @internal */
  room(): number {
    if (this.#isPaused) return 0;
    const { running } = this;
    return typeof this.#capacity === 'number' ? this.#capacity - running : this.#capacity(running);
  }

  /** @internal */
  begin(): void {
    this.#running += 1;
  }

  /** @internal */
  end(): void {
    this.#running -= 1;
    if (this.#running === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
    this.#changed();
  }

  /** @internal */
  onChange(changed: () => void): void {
    this.#changed = changed;
  }
}

/** Controls what this process takes from JetStream. Injectable. */
export class Doorbells {
  readonly #intakes = new Map<string, Intake>();

  /** The intake of a doorbell that this service handles. */
  of(contract: CommandContract): Intake {
    let intake = this.#intakes.get(contract.subject);
    if (!intake) {
      intake = new Intake();
      this.#intakes.set(contract.subject, intake);
    }
    return intake;
  }
}
