import { type Contract, ownerOf } from '@causeway/contracts';
import type { CustomTransportStrategy, MessageHandler } from '@nestjs/microservices';
import { Server } from '@nestjs/microservices/server/server.js';
import type { BusConnection } from '../bus/bus-connection.js';
import { DoorbellServer } from './doorbell-server.js';
import type { MessageVerifier } from '../../identity/message-verifier.js';
import type { Passing } from '../../objects/passing.js';
import type { Doorbells } from './doorbells.js';
import { RequestServer } from './request-server.js';

/** What the servers of a service's messages need. */
export interface ServerParts {
  readonly doorbells: Doorbells;
  readonly passing: Passing;
  readonly verifier: MessageVerifier;
}

/** The one transport that a service gives to Nest: each handler is registered with the server of its contract's kind. */
export class ContractServer extends Server implements CustomTransportStrategy {
  readonly #connection: BusConnection;
  readonly #service: string;
  readonly #requests: RequestServer;
  readonly #doorbells: DoorbellServer;
  #drained: Promise<void> | undefined;

  constructor(connection: BusConnection, service: string, { doorbells, passing, verifier }: ServerParts) {
    super();
    this.#connection = connection;
    this.#service = service;
    this.#requests = new RequestServer(connection, service, passing, verifier);
    this.#doorbells = new DoorbellServer(connection, service, doorbells);
  }

  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEvent = false,
    extras: Record<string, unknown> = {},
  ): void {
    const contract = extras['contract'] as Contract | undefined;
    if (!contract)
      throw new Error(`the handler of ${JSON.stringify(pattern)} names no contract: bind it with @Handles`);
    if (ownerOf(contract) !== this.#service) {
      throw new Error(
        `${contract.subject} belongs to ${ownerOf(contract)}, so ${this.#service} cannot handle it`,
      );
    }
    const server = contract.kind === 'req' ? this.#requests : this.#doorbells;
    if (server.getHandlers().has(contract.subject)) throw new Error(`${contract.subject} has two handlers`);
    server.addHandler(pattern, callback, isEvent, extras);
  }

  listen(callback: (error?: unknown) => void): void {
    const known = (error?: unknown): void => {
      // A process that reports that it listens receives requests at once, so the server must know its handlers first.
      if (error) callback(error);
      else this.#connection.flush().then(() => callback(), callback);
    };
    // Doorbells come last: their handlers send requests that this process may handle too.
    this.#requests.listen((error?: unknown) => (error ? callback(error) : this.#doorbells.listen(known)));
  }

  /** Takes nothing new; settles when everything taken has been answered. */
  drain(): Promise<void> {
    this.#drained ??= Promise.all([this.#requests.close(), this.#doorbells.close()]).then(() => {});
    return this.#drained;
  }

  /** Called by Nest at the very end; `drain` has waited for the handlers before. */
  close(): void {
    this.drain().catch(() => {});
  }

  /** Does nothing: the connection reports its own state. */
  on(): void {}

  unwrap<T>(): T {
    return this.#requests.unwrap() as T;
  }
}
