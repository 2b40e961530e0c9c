import type { CommandContract, LiveContract, RequestContract } from '@causeway/contracts';
import type { z } from 'zod';

export interface RequestOptions {
  /** Stops waiting: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** @default the contract's */
  readonly timeoutMs?: number;
}

/** A live subscription. */
export interface LiveSubscription {
  unsubscribe(): void;
}

/** How this process talks to the others. Injectable. */
export class Bus {
  /**
   * Asks and waits for the reply.
   *
   * @throws CausewayError the handler's own; UNAVAILABLE when nobody handles it or NATS is away; TIMED_OUT
   */
  request<I extends z.ZodType, O extends z.ZodType>(
    _contract: RequestContract<I, O>,
    _input: z.input<I>,
    _options: RequestOptions = {},
  ): Promise<z.output<O>> {
    throw new Error('not yet');
  }

  /** Broadcasts what may be lost. A keyed contract needs its key. Never throws for a bus that is away. */
  publish<I extends z.ZodType>(_contract: LiveContract<I>, _input: z.input<I>, _key?: string): void {
    throw new Error('not yet');
  }

  /** Listens to a broadcast: to one key, to all (`'*'`), or to a contract without keys (`undefined`). */
  subscribe<I extends z.ZodType>(
    _contract: LiveContract<I>,
    _key: string | undefined,
    _handler: (input: z.output<I>, key: string | undefined) => void | Promise<void>,
  ): LiveSubscription {
    throw new Error('not yet');
  }

  /**
   * Rings a doorbell. The promise settles with JetStream's acknowledgement and need not be awaited: nothing breaks
   * when it is ignored and fails. The same message id again within 30 s is one message.
   */
  ring<I extends z.ZodType>(
    _contract: CommandContract<I>,
    _input: z.input<I>,
    _options: { readonly messageId: string },
  ): Promise<void> {
    throw new Error('not yet');
  }

  /** Whether NATS is connected now. */
  get isConnected(): boolean {
    throw new Error('not yet');
  }
}
