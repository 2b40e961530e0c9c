import { type Msg, type Subscription, createInbox } from '@nats-io/transport-node';
import { log } from '../../logging/log.js';
import type { BusConnection } from '../bus/bus-connection.js';

/** A process that does not respond holds the messages that it has requested; other processes get them only after the pull has expired. */
const EXPIRES_MS = 2_000;
/** The server ends each pull at its expiry at the latest; after a longer silence the pulls are lost. */
const SILENT_MS = EXPIRES_MS + 5_000;
const RETRY_MS = 250;

export interface PullerOptions {
  readonly connection: BusConnection;
  readonly stream: string;
  readonly durable: string;
  /** How many messages may be taken now. */
  readonly room: () => number;
  readonly receive: (message: Msg) => void;
  /** Creates the stream and the consumer again if they do not exist any more. */
  readonly restore: () => Promise<void>;
}

/**
 * Pulls from a durable consumer exactly as many messages as there is room for. The client's own `consume` fetches messages in advance,
 * and such a message waits in a full process while another process is free.
 */
export class Puller {
  readonly #options: PullerOptions;
  readonly #watchdog: NodeJS.Timeout;
  /** Messages that are requested and not yet received. The server distributes messages over waiting pulls, so only the sum is known. */
  #underway = 0;
  /** The subject to which pulled messages are sent. Closing it cancels every waiting pull. */
  #inbox: string;
  #subscription: Subscription;
  #heardAtMs = 0;
  #isScheduled = false;
  #isRestoring = false;
  #isStopped = false;

  constructor(options: PullerOptions) {
    this.#options = options;
    const { connection } = options;
    this.#inbox = createInbox(connection.inboxPrefix);
    this.#subscription = this.#subscribe();
    connection.onReconnect(() => this.#restore('reconnect', 0));
    this.#watchdog = setInterval(() => {
      const isSilent = this.#underway > 0 && performance.now() - this.#heardAtMs > SILENT_MS;
      if (isSilent && connection.isConnected) this.#restore('silence', 0);
    }, 1_000);
  }

  /** Pulls soon, when there is room. */
  wake(): void {
    if (this.#isScheduled || this.#isStopped) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#pull();
    });
  }

  /** Takes no more messages. Those that the server had already sent still arrive at `receive` before this settles. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#watchdog);
    if (this.#options.connection.isConnected) await this.#subscription.drain();
    else this.#subscription.unsubscribe();
  }

  /** Cancels the pulls whose messages have not arrived, because there is less room now. */
  takeBack(): void {
    if (this.#isStopped) return;
    const old = this.#subscription;
    this.#inbox = createInbox(this.#options.connection.inboxPrefix);
    this.#subscription = this.#subscribe();
    this.#underway = 0;
    // Messages that the server had already sent are still received: if they were dropped, they would wait for a whole ack wait.
    if (this.#options.connection.isConnected) old.drain().catch(() => {});
    else old.unsubscribe();
  }

  #subscribe(): Subscription {
    const inbox = this.#inbox;
    return this.#options.connection.nats.subscribe(inbox, {
      callback: (error, message) => {
        if (error === null) this.#receive(message, inbox);
      },
    });
  }

  #pull(): void {
    const { connection, stream, durable } = this.#options;
    if (this.#isStopped || this.#isRestoring || !connection.isConnected) return;
    const room = Math.floor(this.#options.room());
    if (room <= 0 && this.#underway > 0) return this.takeBack();
    const wanted = room - this.#underway;
    // Many small pulls cost more than a few large ones: while messages are under way, it waits until the room is a quarter of their number.
    if (wanted <= 0 || wanted * 4 < this.#underway) return;
    if (this.#underway === 0) this.#heardAtMs = performance.now();
    this.#underway += wanted;
    connection.nats.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
      `{"batch":${wanted},"expires":${EXPIRES_MS * 1_000_000}}`,
      { reply: this.#inbox },
    );
  }

  #receive(message: Msg, inbox: string): void {
    this.#heardAtMs = performance.now();
    const isCurrent = inbox === this.#inbox;
    // A doorbell keeps its own subject; only the statuses of pulls have the inbox as their subject.
    if (message.subject === inbox) {
      if (isCurrent) this.#ended(message);
      return;
    }
    if (isCurrent) this.#underway = Math.max(0, this.#underway - 1);
    this.#options.receive(message);
    this.wake();
  }

  #ended(message: Msg): void {
    const { headers } = message;
    const unserved = Number(headers?.get('Nats-Pending-Messages') || Number.NaN);
    if (headers?.code === 408 && !Number.isNaN(unserved)) {
      this.#underway = Math.max(0, this.#underway - unserved);
      this.wake();
    } else {
      this.#restore(`${headers?.code} ${headers?.description}`, RETRY_MS);
    }
  }

  /** Drops all pulls, ensures that stream and consumer exist, and pulls again. */
  #restore(reason: string, delayMs: number): void {
    if (this.#isStopped || this.#isRestoring) return;
    this.takeBack();
    this.#isRestoring = true;
    setTimeout(() => {
      this.#options.restore().then(
        () => {
          this.#isRestoring = false;
          this.wake();
        },
        (error: unknown) => {
          this.#isRestoring = false;
          log.warn({ error, consumer: this.#options.durable, reason }, 'doorbells interrupted');
          // Without a connection, the next reconnect does this.
          if (this.#options.connection.isConnected) this.#restore(reason, RETRY_MS);
        },
      );
    }, delayMs);
  }
}
