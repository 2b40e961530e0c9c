import {
  type CommandContract,
  type LiveContract,
  type RequestContract,
  type WireError,
  causewayError,
  fromWireError,
  ownerOf,
  problemsOf,
} from '@causeway/contracts';
import { joinShort } from '@causeway/dag';
import type { Msg } from '@nats-io/transport-node';
import type { z } from 'zod';
import { newId } from '../../context/new-id.js';
import { withContext } from '../../context/context.js';
import { log } from '../../logging/log.js';
import type { Passing } from '../../objects/passing.js';
import { span } from '../../telemetry/span.js';
import type { BusConnection } from './bus-connection.js';
import { parseInput } from './parse.js';
import { ensureStream } from './streams.js';
import {
  type Body,
  type BodyRoom,
  Header,
  incomingContext,
  isTooLong,
  outgoingHeaders,
  packBody,
  packText,
  unpackBody,
} from './wire.js';

const RING_TIMEOUT_MS = 5_000;

export interface RequestOptions {
  /** Stops waiting: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** @default the contract's */
  readonly timeoutMs?: number | undefined;
}

interface AskOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Makes the token that says who sends a request. */
export type Signing = (contract: RequestContract, message: unknown) => Promise<string>;

/** A live subscription. */
export interface LiveSubscription {
  unsubscribe(): void;
}

/** Sends messages to other services and subscribes to broadcasts. Injectable. */
export class Bus {
  readonly #connection: BusConnection;
  readonly #passing: Passing;
  readonly #sign: Signing;

  constructor(connection: BusConnection, passing: Passing, sign: Signing) {
    this.#connection = connection;
    this.#passing = passing;
    this.#sign = sign;
  }

  /** Whether NATS is connected now. */
  get isConnected(): boolean {
    return this.#connection.isConnected;
  }

  /**
   * Sends a request and waits for the reply. A request or reply that is too long for NATS is passed through the object store.
   *
   * @throws CausewayError the handler's own; UNAVAILABLE when no process handles it or NATS is unreachable; TIMED_OUT;
   *         PAYLOAD_TOO_LARGE beyond 64 MiB, in either direction
   */
  request<I extends z.ZodType, O extends z.ZodType>(
    contract: RequestContract<I, O>,
    input: z.input<I>,
    options: RequestOptions = {},
  ): Promise<z.output<O>> {
    return this.#send(contract, input, (what, room) => packBody(input, what, room), options);
  }

  /** `request` for an input that is already JSON text. */
  requestText<O extends z.ZodType>(
    contract: RequestContract<z.ZodType, O>,
    text: string,
    options: RequestOptions = {},
  ): Promise<z.output<O>> {
    return this.#send(contract, undefined, (what, room) => packText(text, what, room), options);
  }

  async #send<O extends z.ZodType>(
    contract: RequestContract<z.ZodType, O>,
    message: unknown,
    pack: (what: string, room: BodyRoom) => Promise<Body>,
    options: RequestOptions,
  ): Promise<z.output<O>> {
    const { subject } = contract;
    const reply = await span(
      `send ${subject}`,
      {
        'messaging.system': 'nats',
        'messaging.operation.name': 'send',
        'messaging.destination.name': subject,
      },
      () =>
        this.#askAnyLength(contract, message, pack, {
          ...options,
          timeoutMs: options.timeoutMs ?? contract.timeoutMs,
        }),
      { kind: 'client' },
    );
    const json = await this.#bodyOf(reply);
    if (reply.headers?.get(Header.errorCode)) throw this.#errorOf(contract, json as WireError);
    const parsed = contract.reply.safeParse(json);
    if (parsed.success) return parsed.data;
    const cause = new Error(
      `the reply to ${subject} does not fit: ${joinShort(problemsOf(parsed.error), '; ')}`,
    );
    throw causewayError('INTERNAL', { requestId: '' }, { cause });
  }

  /** Sends a broadcast, which may be lost. A keyed contract needs its key. Does not throw when NATS is unreachable. */
  publish<I extends z.ZodType>(contract: LiveContract<I>, input: z.input<I>, key?: string): void {
    const subject = liveSubject(contract, key);
    if (!this.isConnected) return;
    try {
      this.#connection.nats.publish(subject, JSON.stringify(input));
    } catch (error) {
      log.warn({ error, subject: contract.subject }, 'broadcast lost');
    }
  }

  /** Subscribes to a broadcast: to one key, to all keys (`'*'`), or to a contract without keys (`undefined`). */
  subscribe<I extends z.ZodType>(
    contract: LiveContract<I>,
    key: string | undefined,
    handler: (input: z.output<I>, key: string | undefined) => void | Promise<void>,
  ): LiveSubscription {
    const receive = async (message: Msg): Promise<void> => {
      try {
        const input = parseInput(contract.input, message.json());
        const own = contract.keyed ? message.subject.slice(contract.subject.length + 1) : undefined;
        await withContext(incomingContext(undefined, input), () => handler(input, own));
      } catch (error) {
        log.failure(error, 'broadcast not handled', { subject: contract.subject });
      }
    };
    return this.#connection.nats.subscribe(liveSubject(contract, key), {
      callback: (error, message) => {
        if (error === null) void receive(message);
        else log.warn({ error, subject: contract.subject }, 'subscription ended');
      },
    });
  }

  /**
   * Rings a doorbell. The promise settles with JetStream's acknowledgement and need not be awaited: a failure that is
   * ignored does no harm. Messages with the same id within 30 s count as one.
   *
   * @throws CausewayError UNAVAILABLE; TIMED_OUT; PAYLOAD_TOO_LARGE beyond NATS' `max_payload`
   */
  ring<I extends z.ZodType>(
    contract: CommandContract<I>,
    input: z.input<I>,
    options: { readonly messageId: string },
  ): Promise<void> {
    const acknowledged = span(
      `publish ${contract.subject}`,
      {
        'messaging.system': 'nats',
        'messaging.operation.name': 'publish',
        'messaging.destination.name': contract.subject,
        'messaging.message.id': options.messageId,
      },
      () => this.#ring(contract, JSON.stringify(input), options.messageId),
      { kind: 'producer' },
    );
    // When the caller does not wait, a failure must not become an unhandled rejection, which ends the process.
    acknowledged.catch(() => {});
    return acknowledged;
  }

  async #ring(contract: CommandContract, text: string, messageId: string): Promise<void> {
    const limitBytes = this.#connection.nats.info?.max_payload;
    // A doorbell is never passed through the object store: it may wait for an hour and be delivered more than once.
    if (limitBytes !== undefined && isTooLong(text, limitBytes, limitBytes)) {
      const bytes = Buffer.byteLength(text);
      const limitName = 'max_payload of NATS';
      throw causewayError('PAYLOAD_TOO_LARGE', { what: contract.subject, bytes, limitName, limitBytes });
    }
    const ask = (): Promise<Msg> =>
      this.#ask(contract, { text, headers: [] }, messageId, { timeoutMs: RING_TIMEOUT_MS });
    const reply = await ask().catch(async (error: unknown) => {
      // A publish gets no answer when the stream does not exist yet, because its owner may never have started.
      if (!this.isConnected || (error as { code?: string }).code !== 'UNAVAILABLE') throw error;
      await ensureStream(this.#connection, ownerOf(contract));
      return ask();
    });
    const { error } = reply.json<{ error?: { description: string } }>();
    if (error) throw this.#unavailable(contract, new Error(error.description));
  }

  async #askAnyLength(
    contract: RequestContract,
    message: unknown,
    pack: (what: string, room: BodyRoom) => Promise<Body>,
    options: AskOptions,
  ): Promise<Msg> {
    const room = { passing: this.#passing, maxPayloadBytes: this.#connection.nats.info?.max_payload };
    const body = await pack(`The request ${contract.subject}`, room);
    try {
      // Signed last: packing a long message takes a while, and the token is valid for a minute.
      const sender = await this.#sign(contract, message);
      const headers = [...body.headers, [Header.sender, sender] as const];
      return await this.#ask(contract, { ...body, headers }, newId(), options);
    } finally {
      this.#removePassed(body.headers.find(([header]) => header === Header.passed)?.[1]);
    }
  }

  async #bodyOf(reply: Msg): Promise<unknown> {
    try {
      return await unpackBody(reply, this.#passing);
    } finally {
      this.#removePassed(reply.headers?.get(Header.passed));
    }
  }

  #removePassed(name: string | undefined): void {
    if (name) void this.#passing.remove(name);
  }

  async #ask(
    contract: RequestContract | CommandContract,
    { text, headers }: Body,
    messageId: string,
    options: AskOptions,
  ): Promise<Msg> {
    const { subject } = contract;
    if (!this.isConnected && !(await this.#connection.isThere())) throw this.#unavailable(contract);
    const marked = outgoingHeaders(messageId);
    for (const [name, value] of headers) marked.append(name, value);
    return this.#connection.requester.ask(subject, text, {
      ...options,
      service: ownerOf(contract),
      headers: marked,
    });
  }

  /** That the receiver does not know this sender is a fault of the installation and not of the caller: it is as if nobody answered. */
  #errorOf(contract: RequestContract, wire: WireError): Error {
    const error = fromWireError(wire);
    return error.code === 'SENDER_REFUSED' ? this.#unavailable(contract, error) : error;
  }

  #unavailable(contract: RequestContract | CommandContract, cause?: unknown): Error {
    return causewayError('UNAVAILABLE', { service: ownerOf(contract), retryAfterS: 1 }, { cause });
  }
}

function liveSubject(contract: LiveContract, key: string | undefined): string {
  if (!contract.keyed && key === undefined) return contract.subject;
  if (contract.keyed && key !== undefined && /^[^\s.>*]+$|^\*$/.test(key))
    return `${contract.subject}.${key}`;
  throw new Error(
    contract.keyed
      ? `${contract.subject} needs a key without spaces, dots and wildcards, not ${JSON.stringify(key)}`
      : `${contract.subject} has no keys`,
  );
}
