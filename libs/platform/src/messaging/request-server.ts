import { type RequestContract, toWireError } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import type { MessageHandler } from '@nestjs/microservices';
import { ServerNats } from '@nestjs/microservices/server/server-nats.js';
import type { Msg, MsgHdrs, NatsConnection, Subscription } from '@nats-io/transport-node';
import { headers } from '@nats-io/transport-node';
import { type Context, withContext } from '../context/context.js';
import { unavailableDatabase } from '../database/connection-errors.js';
import { log } from '../logging/log.js';
import type { Passing } from '../objects/passing.js';
import { span } from '../telemetry/span.js';
import type { BusConnection } from './bus-connection.js';
import { callHandler } from './call-handler.js';
import { countHandler } from './message-metrics.js';
import type { MessageContext } from './message-context.js';
import { parseInput, parseJson } from './parse.js';
import { Header, incomingContext, isTooLong } from './wire.js';

/**
 * Nest's NATS transport, speaking contracts: the body is the input or the reply itself, an error is its wire form with
 * its code in a header. Runs on the process's connection; instances of one service share its requests.
 */
export class RequestServer extends ServerNats {
  readonly #connection: BusConnection;
  readonly #queue: string;
  readonly #passing: Passing;
  readonly #taken: Subscription[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(connection: BusConnection, queue: string, passing: Passing) {
    super({});
    this.#connection = connection;
    this.#queue = queue;
    this.#passing = passing;
  }

  override createNatsClient(): Promise<NatsConnection> {
    return Promise.resolve(this.#connection.nats);
  }

  /** The connection reports its own state. */
  override async handleStatusUpdates(): Promise<void> {}

  override bindEvents(nats: NatsConnection): void {
    for (const handler of this.messageHandlers.values()) {
      const { contract } = handler.extras as { contract: RequestContract };
      this.#taken.push(
        nats.subscribe(contract.subject, {
          queue: this.#queue,
          callback: (error, message) => {
            if (error === null) this.#take(contract, handler, message);
            else log.error({ error, subject: contract.subject }, 'subscription ended');
          },
        }),
      );
    }
  }

  /** Takes nothing new; settles when everything taken has been answered. The connection stays. */
  override async close(): Promise<void> {
    await Promise.all(this.#taken.splice(0).map((subscription) => subscription.drain()));
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #take(contract: RequestContract, handler: MessageHandler, message: Msg): void {
    const run = this.#answer(contract, handler, message).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #answer(contract: RequestContract, handler: MessageHandler, message: Msg): Promise<void> {
    const { subject } = contract;
    const counted = countHandler(subject);
    let context: Context = {};
    try {
      const passed = message.headers?.get(Header.passed);
      // The one who asks removes the text that was passed.
      const raw = parseJson(passed ? await this.#passing.load(passed) : message.string());
      context = incomingContext(message.headers, raw);
      await withContext(context, () =>
        span(
          `process ${subject}`,
          {
            'messaging.system': 'nats',
            'messaging.operation.name': 'process',
            'messaging.destination.name': subject,
          },
          async () => {
            const input = parseInput(contract.input, raw);
            const reply = await callHandler(handler, input, new RequestContext(message));
            await this.#respond(message, JSON.stringify(reply ?? {}));
          },
          { kind: 'server' },
        ),
      );
      counted('done');
    } catch (thrown) {
      counted('failed');
      const error = unavailableDatabase(thrown) ?? thrown;
      withContext(context, () => log.failure(error, 'request failed', { subject }));
      await this.#respondError(message, error, context.requestId);
    }
  }

  async #respond(message: Msg, text: string, marked?: MsgHdrs): Promise<void> {
    if (!isTooLong(text, this.#connection.nats.info?.max_payload)) {
      message.respond(text, marked && { headers: marked });
      return;
    }
    const passing = marked ?? headers();
    passing.append(Header.passed, await this.#passing.leave(text, `The reply to ${message.subject}`));
    message.respond('', { headers: passing });
  }

  async #respondError(message: Msg, error: unknown, requestId: string | undefined): Promise<void> {
    const wire = toWireError(error, requestId);
    const marked = headers();
    marked.append(Header.errorCode, isCausewayError(error) ? error.code : 'INTERNAL');
    try {
      await this.#respond(message, JSON.stringify(wire), marked);
    } catch (cause) {
      log.warn({ error: cause }, 'error not answered');
    }
  }
}

class RequestContext implements MessageContext {
  readonly #message: Msg;
  readonly deliveries = 1;

  constructor(message: Msg) {
    this.#message = message;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get messageId(): string | undefined {
    return this.#message.headers?.get(Header.messageId) || undefined;
  }

  working(): void {}
}
