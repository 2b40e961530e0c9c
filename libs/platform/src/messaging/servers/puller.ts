import { type Msg, type Subscription, createInbox } from '@nats-io/transport-node';
import { log } from '../../logging/log.js';
import type { BusConnection } from '../bus/bus-connection.js';

/** A process that stands still keeps what it asked for: others get nothing of that before it has expired. */
const EXPIRES_MS = 2_000;
/** The server ends each pull by its expiry; when it says nothing for so long, the pulls are lost. */
const SILENT_MS = EXPIRES_MS + 5_000;
const RETRY_MS = 250;

export interface PullerOptions {
  readonly connection: BusConnection;
  readonly stream: string;
  readonly durable: string;
  /** How many messages may be taken now. */
  readonly room: () => number;
  readonly receive: (message: Msg) => void;
  /** Makes the stream and the consumer again, should they be gone. */
  readonly restore: () => Promise<void>;
}

/**
 * Pulls from a durable consumer exactly as many messages as there is room for. The client's own `consume` fetches ahead,
 * and a message fetched ahead by a full process waits there while another process is free.
 */
export class Puller {
  readonly #options: PullerOptions;
  readonly #watchdog: NodeJS.Timeout;
  /** Asked for and not yet received. The server spreads messages over waiting pulls, so only the sum is known. */
  #underway = 0;
  /** Where pulled messages come to. Giving it up takes back every pull that waits. */
  #inbox = createInbox();
  #subscription: Subscription;
  #heardAtMs = 0;
  #isScheduled = false;
  #isRestoring = false;
  #isStopped = false;

  constructor(options: PullerOptions) {
    this.#options = options;
    const { connection } = options;
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

  /** Takes no more. What the server had sent already still arrives at `receive`, before this settles. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#watchdog);
    if (this.#options.connection.isConnected) await this.#subscription.drain();
    else this.#subscription.unsubscribe();
  }

  /** Takes back what was asked for and has not come: there is less room than there was. */
  takeBack(): void {
    if (this.#isStopped) return;
    const old = this.#subscription;
    this.#inbox = createInbox();
    this.#subscription = this.#subscribe();
    this.#underway = 0;
    // What the server had sent already still arrives: dropping it would hold it back for a whole ack wait.
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
    // Many small pulls cost more than a few: while messages are on their way, room is gathered to a quarter of them.
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
    // A doorbell keeps its own subject; on the inbox's own come only statuses of pulls.
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

  /** Forgets all pulls, makes sure of stream and consumer, and pulls anew. */
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
          // Without a connection the next reconnect restores.
          if (this.#options.connection.isConnected) this.#restore(reason, RETRY_MS);
        },
      );
    }, delayMs);
  }
}
