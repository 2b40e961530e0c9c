import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { MessageContext } from './message-context.js';
import { Header } from '../bus/wire.js';

/** One delivery of a doorbell, and its possible answers to JetStream. */
export class Delivery implements MessageContext {
  readonly message: Msg;
  readonly deliveries: number;
  readonly #nats: NatsConnection;

  constructor(nats: NatsConnection, message: Msg) {
    this.#nats = nats;
    this.message = message;
    this.deliveries = deliveriesOf(message.reply ?? '');
  }

  get subject(): string {
    return this.message.subject;
  }

  get messageId(): string | undefined {
    return this.message.headers?.get(Header.messageId) || undefined;
  }

  working(): void {
    this.#answer('+WPI');
  }

  ack(): void {
    this.#answer('+ACK');
  }

  /** Returns it to the queue after a delay. */
  nak(delayMs: number): void {
    this.#answer(`-NAK {"delay":${delayMs * 1_000_000}}`);
  }

  /** Removes it from the queue for good. No reason is sent, since servers before 2.10 do not accept one. */
  term(): void {
    this.#answer('+TERM');
  }

  #answer(text: string): void {
    const { reply } = this.message;
    // Without a connection the server delivers the doorbell again after its ack wait.
    if (reply && !this.#nats.isClosed()) this.#nats.publish(reply, text);
  }
}

/** `$JS.ACK.<stream>.<consumer>.<deliveries>.…`; newer servers put a domain and an account before the stream. */
function deliveriesOf(reply: string): number {
  const tokens = reply.split('.');
  return Number(tokens[tokens.length > 9 ? 6 : 4]) || 1;
}
