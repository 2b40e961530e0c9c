import type { Msg, MsgHdrs, NatsConnection, Subscription } from '@nats-io/transport-node';
import { createInbox } from '@nats-io/transport-node';
import { causewayError } from '@causeway/contracts';

interface Waiting {
  readonly service: string;
  readonly resolve: (reply: Msg) => void;
  readonly reject: (error: unknown) => void;
  readonly end: () => void;
}

export interface AskOptions {
  /** Name of the other service, for errors. */
  readonly service: string;
  readonly timeoutMs: number;
  readonly headers?: MsgHdrs;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends requests and receives replies over one inbox subscription. NATS' own client offers this too, but its requests cannot be aborted
 * and do not end when the connection breaks, so a caller would wait the whole timeout for a reply that cannot come.
 */
export class Requester {
  readonly #connection: NatsConnection;
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #waiting = new Map<string, Waiting>();
  #last = 0;
  #refusal: Error | undefined;

  /** @param prefix  of the inbox to which replies are sent */
  constructor(connection: NatsConnection, prefix: string) {
    this.#connection = connection;
    this.#inbox = `${createInbox(prefix)}.`;
    this.#subscription = connection.subscribe(`${this.#inbox}*`, {
      callback: (error, message) => {
        if (error === null) return this.#receive(message);
        this.#refusal = error;
        this.failAll(error);
      },
    });
  }

  /** Why the server does not let this process listen to replies; undefined while it does. */
  get refusal(): Error | undefined {
    return this.#refusal;
  }

  /** @throws CausewayError UNAVAILABLE when no process subscribes or, with `mayHaveArrived`, when the connection breaks; TIMED_OUT */
  ask(subject: string, body: Uint8Array | string, options: AskOptions): Promise<Msg> {
    const { service, timeoutMs, signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const token = (++this.#last).toString(36);
      const abort = (): void => this.#fail(token, signal?.reason);
      const timer = setTimeout(() => {
        this.#fail(token, causewayError('TIMED_OUT', { service, timeoutMs, retryAfterS: 1 }));
      }, timeoutMs);
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      signal?.addEventListener('abort', abort);
      this.#waiting.set(token, { service, resolve, reject, end });
      try {
        this.#connection.publish(subject, body, {
          reply: this.#inbox + token,
          ...(options.headers === undefined ? {} : { headers: options.headers }),
        });
      } catch (error) {
        this.#fail(token, error);
      }
    });
  }

  /** Ends every wait, because the replies cannot come any more. */
  failAll(cause: unknown): void {
    for (const [token, { service }] of this.#waiting) {
      const details = { service, retryAfterS: 1, mayHaveArrived: true };
      this.#fail(token, causewayError('UNAVAILABLE', details, { cause }));
    }
  }

  close(): void {
    this.#subscription.unsubscribe();
    this.failAll(new Error('the connection is closed'));
  }

  #receive(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length);
    const waiting = this.#take(token);
    if (!waiting) return;
    // NATS answers 503 without a body when no process subscribes.
    if (message.data.length === 0 && message.headers?.code === 503) {
      waiting.reject(causewayError('UNAVAILABLE', { service: waiting.service, retryAfterS: 1 }));
    } else {
      waiting.resolve(message);
    }
  }

  #fail(token: string, error: unknown): void {
    this.#take(token)?.reject(error);
  }

  #take(token: string): Waiting | undefined {
    const waiting = this.#waiting.get(token);
    if (!waiting) return undefined;
    this.#waiting.delete(token);
    waiting.end();
    return waiting;
  }
}
