import { type NatsConnection, connect } from '@nats-io/transport-node';
import { Api } from '../support/api.js';
import type { Collector } from './collector.js';
import type { Place, Seen } from './places.js';
import { Planted } from './planted.js';
import type { Stack } from '../support/stack.js';
import { startTracedGateway } from './watched-gateway.js';

/** The platform while secrets are given to it: every message, trace and error answer is kept, to be searched. */
export class Watch {
  readonly planted = new Planted();
  /** When it has begun. */
  sinceMs = 0;
  readonly #stack: Stack;
  readonly #collector: Collector;
  readonly #messages: Seen[] = [];
  readonly #errors: Promise<Seen>[] = [];
  readonly #fetch = globalThis.fetch;
  #bus: NatsConnection | undefined;
  #gateway: Awaited<ReturnType<typeof startTracedGateway>> | undefined;

  constructor(stack: Stack, collector: Collector) {
    this.#stack = stack;
    this.#collector = collector;
  }

  /** The API of a gateway whose requests are traced, with the key of the bootstrap administrator. */
  get api(): Api {
    return new Api(this.#running.url, this.#stack.api.key, this.#stack.api.told);
  }

  /** The process of that gateway. */
  get pid(): number {
    return this.#running.pid;
  }

  /** The traces that were collected by now. */
  readonly traces = (): readonly Seen[] => this.#collector.seen;

  /** Does nothing if it has begun already. */
  async begin(): Promise<void> {
    if (this.#gateway) return;
    this.sinceMs = Date.now();
    this.#gateway = await startTracedGateway(this.#stack, this.#collector.url);
    this.#bus = await this.#listen();
    globalThis.fetch = async (...asked) => {
      const response = await this.#fetch(...asked);
      if (response.status >= 400 && response.url.startsWith(this.#running.url)) this.#keep(response.clone());
      return response;
    };
  }

  /** What was kept since the beginning. */
  get places(): Place[] {
    return [
      { name: 'NATS messages', read: () => this.#messages },
      { name: 'error answers', read: () => Promise.all(this.#errors) },
      { name: 'traces', read: () => this.#collector.seen },
    ];
  }

  async end(): Promise<void> {
    globalThis.fetch = this.#fetch;
    await this.#bus?.close();
    await this.#gateway?.stop();
  }

  get #running(): { readonly url: string; readonly pid: number; stop(): Promise<void> } {
    if (!this.#gateway) throw new Error('nothing is watched yet');
    return this.#gateway;
  }

  /** Listens to everything, with the one login of this copy that may: no service has it. */
  async #listen(): Promise<NatsConnection> {
    const { host, username, password } = new URL(this.#stack.causeway.servers.nats.url);
    const bus = await connect({
      servers: host,
      user: decodeURIComponent(username),
      pass: decodeURIComponent(password),
    });
    const asked = new Map<string, string>();
    bus.subscribe('>', {
      callback: (_error, { subject, reply, headers, data }) => {
        if (reply) asked.set(reply, subject);
        const question = asked.get(subject);
        const where = question === undefined ? subject : `reply to ${question}`;
        const head = [...(headers ?? [])].map(([name, values]) => `${name}: ${values.join(', ')}\n`).join('');
        this.#messages.push({ where, text: Buffer.concat([Buffer.from(`${subject}\n${head}\n`), data]) });
      },
    });
    await bus.flush();
    return bus;
  }

  #keep(response: Response): void {
    // The rest of an address can be a secret.
    const path = new URL(response.url).pathname.split('/').slice(0, 5).join('/');
    const head = [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join('');
    const kept = response
      .text()
      .then((body) => ({ where: `${response.status} of ${path}`, text: `${head}\n${body}` }));
    // A test that has left does not read it either.
    this.#errors.push(kept.catch(() => ({ where: path, text: head })));
  }
}
