import type { CommandContract } from '@causeway/contracts';

/** How many doorbells of one contract this process takes. */
export interface Intake {
  /**
   * A number: so many handlers at once. A function: how many more may be taken right now; it is asked before each
   * pull, and again on `wake()`. @default 64
   */
  setCapacity(capacity: number | (() => number)): void;
  /** Looks at the capacity again. */
  wake(): void;
  /** Takes no more until `resume()`. */
  pause(): void;
  resume(): void;
  /** Handlers that run now. */
  readonly running: number;
}

/** Controls what this process takes from JetStream. Injectable. */
export class Doorbells {
  /** @throws Error when this service does not handle the contract */
  of(_contract: CommandContract): Intake {
    throw new Error('not yet');
  }
}
