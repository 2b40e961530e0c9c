import { type CommandContract, durableName, errorEntry, streamName } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import type { CustomTransportStrategy, MessageHandler } from '@nestjs/microservices';
import { Server } from '@nestjs/microservices/server/server.js';
import type { Msg, Subscription } from '@nats-io/transport-node';
import { withContext } from '../../context/context.js';
import { unavailableDatabase } from '../../database/connection-errors.js';
import { log } from '../../logging/log.js';
import { span } from '../../telemetry/span.js';
import type { BusConnection } from '../bus/bus-connection.js';
import { callHandler } from './call-handler.js';
import { Delivery } from './delivery.js';
import type { Doorbells } from './doorbells.js';
import { type DeadReason, countDead, countHandler } from './message-metrics.js';
import { parseInput, parseJson } from '../bus/parse.js';
import { Puller } from './puller.js';
import { ensureConsumer, ensureStream } from '../bus/streams.js';
import { incomingContext } from '../bus/wire.js';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;
/** A doorbell that reached a full process is delivered again after this delay; at once, it might come back to the same process. */
const FULL_DELAY_MS = 100;

/**
 * Doorbells from JetStream's work queue, through Nest's extension point for transports. A doorbell is acknowledged when
 * its handler is done; after a temporary error it is delivered again later; any other error drops it, with a log line and a count,
 * since a doorbell is never the only copy of a fact.
 */
export class DoorbellServer extends Server implements CustomTransportStrategy {
  readonly #connection: BusConnection;
  readonly #service: string;
  readonly #doorbells: Doorbells;
  readonly #pullers: Puller[] = [];
  readonly #advisories: Subscription[] = [];
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  constructor(connection: BusConnection, service: string, doorbells: Doorbells) {
    super();
    this.#connection = connection;
    this.#service = service;
    this.#doorbells = doorbells;
  }

  listen(callback: (error?: unknown) => void): void {
    this.#start().then(() => callback(), callback);
  }

  /** Takes no more doorbells; settles when every one that was taken is answered. */
  async close(): Promise<void> {
    this.#isStopped = true;
    for (const subscription of this.#advisories.splice(0)) subscription.unsubscribe();
    await Promise.all(this.#pullers.splice(0).map((puller) => puller.stop()));
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Does nothing: the connection reports its own state. */
  on(): void {}

  unwrap<T>(): T {
    return this.#connection.nats as T;
  }

  async #start(): Promise<void> {
    for (const handler of this.messageHandlers.values()) {
      const { contract } = handler.extras as { contract: CommandContract };
      const restore = async (): Promise<void> => {
        await ensureStream(this.#connection, this.#service);
        await ensureConsumer(this.#connection, this.#service, contract);
      };
      await restore();
      const intake = this.#doorbells.of(contract);
      const puller = new Puller({
        connection: this.#connection,
        stream: streamName(this.#service),
        durable: durableName(contract),
        room: () => intake.room(),
        receive: (message) => this.#take(contract, handler, message, puller),
        restore,
      });
      intake.onChange(() => puller.wake());
      this.#pullers.push(puller);
      this.#advisories.push(this.#listenForExhausted(contract));
      puller.wake();
    }
  }

  #take(contract: CommandContract, handler: MessageHandler, message: Msg, puller: Puller): void {
    const delivery = new Delivery(this.#connection.nats, message);
    const intake = this.#doorbells.of(contract);
    if (this.#isStopped || intake.room() < 1) {
      // It was requested while there was room; now there is none, and another process may have some.
      puller.takeBack();
      return delivery.nak(this.#isStopped ? 0 : FULL_DELAY_MS);
    }
    intake.begin();
    const run = this.#handle(contract, handler, delivery).finally(() => {
      this.#running.delete(run);
      intake.end();
    });
    this.#running.add(run);
  }

  async #handle(contract: CommandContract, handler: MessageHandler, delivery: Delivery): Promise<void> {
    const { subject } = contract;
    let input: unknown;
    try {
      input = parseInput(contract.input, parseJson(delivery.message.string()));
    } catch (error) {
      return this.#drop(contract, delivery, 'poison', error);
    }
    await withContext(incomingContext(delivery.message.headers, input), async () => {
      const counted = countHandler(subject);
      try {
        await span(
          `process ${subject}`,
          this.#attributes(contract, delivery),
          () => callHandler(handler, input, delivery),
          {
            kind: 'consumer',
          },
        );
        delivery.ack();
        counted('done');
      } catch (thrown) {
        counted('failed');
        this.#refuse(contract, delivery, unavailableDatabase(thrown) ?? thrown);
      }
    });
  }

  #refuse(contract: CommandContract, delivery: Delivery, error: unknown): void {
    const retry = isCausewayError(error) ? errorEntry(error.code).retry : 'later';
    if (retry === 'never') return this.#drop(contract, delivery, 'refused', error);
    if (delivery.deliveries >= contract.maxDeliver) return this.#drop(contract, delivery, 'exhausted', error);
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (delivery.deliveries - 1), LONGEST_DELAY_MS);
    log.failure(error, 'doorbell returned', {
      subject: contract.subject,
      delayMs,
      deliveries: delivery.deliveries,
    });
    delivery.nak(delayMs);
  }

  #drop(contract: CommandContract, delivery: Delivery, reason: DeadReason, error: unknown): void {
    const { messageId, deliveries } = delivery;
    log.error({ error, subject: contract.subject, reason, messageId, deliveries }, 'doorbell dropped');
    countDead(contract.subject, reason);
    delivery.term();
  }

  /**
   * A work queue keeps a message that was delivered too often without an answer, because its handlers died, although
   * it is never delivered again: it is deleted here. One instance is notified of it.
   */
  #listenForExhausted(contract: CommandContract): Subscription {
    const stream = streamName(this.#service);
    const subject = `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.${durableName(contract)}`;
    const forget = async (message: Msg): Promise<void> => {
      const { stream_seq: sequence, deliveries } = message.json<{ stream_seq: number; deliveries: number }>();
      const manager = await this.#connection.manager();
      await manager.streams.deleteMessage(stream, sequence, false);
      log.error({ subject: contract.subject, reason: 'exhausted', sequence, deliveries }, 'doorbell dropped');
      countDead(contract.subject, 'exhausted');
    };
    return this.#connection.nats.subscribe(subject, {
      queue: this.#service,
      callback: (error, message) => {
        if (error !== null) return;
        forget(message).catch((cause: unknown) =>
          log.warn({ error: cause }, 'exhausted doorbell not deleted'),
        );
      },
    });
  }

  #attributes(contract: CommandContract, delivery: Delivery): Record<string, string | number | undefined> {
    return {
      'messaging.system': 'nats',
      'messaging.operation.name': 'process',
      'messaging.destination.name': contract.subject,
      'messaging.consumer.group.name': durableName(contract),
      'messaging.message.id': delivery.messageId,
      'messaging.nats.message.delivery_count': delivery.deliveries,
    };
  }
}
