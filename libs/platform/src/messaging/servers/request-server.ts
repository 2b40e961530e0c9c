import { type RequestContract, toWireError } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import type { MessageHandler } from '@nestjs/microservices';
import { ServerNats } from '@nestjs/microservices/server/server-nats.js';
import type { Msg, MsgHdrs, NatsConnection, Subscription } from '@nats-io/transport-node';
import { headers } from '@nats-io/transport-node';
import { withContext } from '../../context/context.js';
import { deadlineOf } from '../../context/deadline.js';
import { unavailableDatabase } from '../../database/connection-errors.js';
import { log } from '../../logging/log.js';
import { RefusalLog } from '../../logging/refusal-log.js';
import { checkSender } from '../../identity/check-sender.js';
import type { MessageVerifier } from '../../identity/message-verifier.js';
import type { Passing } from '../../objects/passing.js';
import { span } from '../../telemetry/span.js';
import type { BusConnection } from '../bus/bus-connection.js';
import { callHandler } from './call-handler.js';
import { countHandler } from './message-metrics.js';
import type { MessageContext } from './message-context.js';
import { parseInput } from '../bus/parse.js';
import { Header, incomingContext, packBody, unpackBody } from '../bus/wire.js';

/**
 * Nest's NATS transport for contracts: the body is the input or the reply itself, and an error is sent in its wire form with
 * its code in a header. It uses the process's connection; the instances of a service share its requests.
 */
export class RequestServer extends ServerNats {
  readonly #connection: BusConnection;
  readonly #queue: string;
  readonly #passing: Passing;
  readonly #verifier: MessageVerifier;
  readonly #taken: Subscription[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #refusals = new RefusalLog();

  constructor(connection: BusConnection, queue: string, passing: Passing, verifier: MessageVerifier) {
    super({});
    this.#connection = connection;
    this.#queue = queue;
    this.#passing = passing;
    this.#verifier = verifier;
  }

  override createNatsClient(): Promise<NatsConnection> {
    return Promise.resolve(this.#connection.nats);
  }

  /** Does nothing: the connection reports its own state. */
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

  /** Takes no new requests; settles when every request that was taken is answered. The connection stays open. */
  override async close(): Promise<void> {
    await Promise.all(this.#taken.splice(0).map((subscription) => subscription.drain()));
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#refusals.close();
  }

  #note(error: unknown, subject: string): void {
    if (isCausewayError(error)) this.#refusals.note(error, { subject });
    else log.failure(error, 'request failed', { subject });
  }

  #take(contract: RequestContract, handler: MessageHandler, message: Msg): void {
    const run = this.#answer(contract, handler, message).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #answer(contract: RequestContract, handler: MessageHandler, message: Msg): Promise<void> {
    const { subject } = contract;
    const counted = countHandler(subject);
    const deadline = deadlineOf(this.#queue, contract.timeoutMs);
    let context = incomingContext(message.headers, undefined);
    try {
      // The sender of the request removes the passed texts.
      const token = message.headers?.get(Header.sender) || undefined;
      const sender = await this.#verifier.verify(token, contract);
      const raw = checkSender(contract, sender, await unpackBody(message, this.#passing));
      context = { ...incomingContext(message.headers, raw), principal: sender.principal, deadline };
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
            await this.#respond(message, reply ?? {});
          },
          { kind: 'server' },
        ),
      );
      counted('done');
    } catch (thrown) {
      counted('failed');
      const error = unavailableDatabase(thrown) ?? thrown;
      withContext(context, () => this.#note(error, subject));
      await this.#respondError(message, error, context.requestId);
    }
  }

  async #respond(message: Msg, reply: unknown, marked?: MsgHdrs): Promise<void> {
    const room = { passing: this.#passing, maxPayloadBytes: this.#connection.nats.info?.max_payload };
    const body = await packBody(reply, `The reply to ${message.subject}`, room);
    const all = marked ?? (body.headers.length > 0 ? headers() : undefined);
    for (const [name, value] of body.headers) all?.append(name, value);
    message.respond(body.text, all && { headers: all });
  }

  async #respondError(message: Msg, error: unknown, requestId: string | undefined): Promise<void> {
    const wire = toWireError(error, requestId);
    const marked = headers();
    marked.append(Header.errorCode, isCausewayError(error) ? error.code : 'INTERNAL');
    try {
      await this.#respond(message, wire, marked);
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
