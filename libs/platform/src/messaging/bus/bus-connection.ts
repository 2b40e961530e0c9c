import { inboxPrefix } from '@causeway/contracts';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { PermissionViolationError, connect } from '@nats-io/transport-node';
import { waitAtMost } from '../../context/wait-at-most.js';
import { FloodLog } from '../../logging/flood-log.js';
import { log } from '../../logging/log.js';
import { Requester } from './requester.js';

/** For so long after a connection has broken, requests wait for it before they fail. */
const BLIP_MS = 750;
/** Later they wait so long, so that whoever tries again at once does not do so without end. */
const PAUSE_MS = 50;
const FIRST_CONNECT_MS = 20_000;

/** The process's one connection to NATS. It reconnects for ever; requests that wait on it fail when it breaks. */
export class BusConnection {
  readonly nats: NatsConnection;
  readonly requester: Requester;
  /** Of every inbox of this process: the login of a service may listen only to its own. */
  readonly inboxPrefix: string;
  /** Copies of each stream in a cluster. */
  readonly replicas: number;
  readonly #reconnected: (() => void)[] = [];
  readonly #refused = new FloodLog<{ operation: string; subject: string }>({
    coarse: ({ operation }) => ({ key: operation, sample: { operation, subject: 'several' } }),
    logCount: (sample, count) => log.error({ ...sample, count }, 'nats refused messages'),
  });
  #isConnected = true;
  /** When the connection broke, by `performance.now()`. */
  #brokenMs = 0;
  #manager: Promise<JetStreamManager> | undefined;

  private constructor(nats: NatsConnection, inboxes: string, replicas: number) {
    this.nats = nats;
    this.inboxPrefix = inboxes;
    this.replicas = replicas;
    this.requester = new Requester(nats, inboxes);
    void this.#watch();
  }

  /** @throws Error when no server answers within 20 s, or when the login may not receive replies */
  static async open(urls: string, name: string, replicas = 1): Promise<BusConnection> {
    const { servers, ...credentials } = parseNatsUrls(urls);
    const until = Date.now() + FIRST_CONNECT_MS;
    const inboxes = inboxPrefix(name);
    let opened: BusConnection;
    for (;;) {
      try {
        const nats = await connect({
          servers,
          ...credentials,
          name,
          inboxPrefix: inboxes,
          timeout: 2_000,
          maxReconnectAttempts: -1,
          reconnectTimeWait: 200,
          reconnectJitter: 100,
          // A server that does not respond is noticed within 4 s, before the requests that wait for it time out.
          pingInterval: 1_000,
          maxPingOut: 3,
          // Credentials may change while the process runs, so a refusal does not end the attempts.
          ignoreAuthErrorAbort: true,
          noAsyncTraces: true,
        });
        opened = new BusConnection(nats, inboxes, replicas);
        break;
      } catch (error) {
        if (Date.now() > until)
          throw new Error('NATS does not answer; check CAUSEWAY_NATS_URL.', { cause: error });
        log.warn({ error }, 'nats unreachable');
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
    // The server answers a subscription that it refuses before it answers the flush.
    await opened.flush();
    const { refusal } = opened.requester;
    if (!refusal) return opened;
    await opened.close();
    throw new Error(
      `NATS does not let ${name} listen to its own replies (${inboxes}.>): give its login what libs/contracts/bus-permissions.json lists.`,
      { cause: refusal },
    );
  }

  get isConnected(): boolean {
    return this.#isConnected && !this.nats.isClosed();
  }

  /** Calls `run` after each reconnect; the server has dropped everything of the old connection by then. */
  onReconnect(run: () => void): void {
    this.#reconnected.push(run);
  }

  /** Whether there is a connection, now or within 750 ms after it broke. */
  async isThere(): Promise<boolean> {
    const untilMs = Math.max(this.#brokenMs + BLIP_MS, performance.now() + PAUSE_MS);
    while (!this.isConnected && !this.nats.isClosed() && performance.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this.isConnected;
  }

  /** The manager of streams and consumers; loaded when first needed. */
  manager(): Promise<JetStreamManager> {
    this.#manager ??= import('@nats-io/jetstream').then(({ jetstreamManager }) =>
      jetstreamManager(this.nats, { checkAPI: false }),
    );
    return this.#manager;
  }

  /** Settles when the server has received everything sent so far, or after a second. */
  async flush(): Promise<void> {
    if (this.isConnected) await waitAtMost(this.nats.flush(), 1_000);
  }

  /** Sends what is buffered and closes. */
  async close(): Promise<void> {
    if (this.nats.isClosed()) return;
    await this.flush();
    this.requester.close();
    this.#refused.close();
    await this.nats.close();
  }

  /** A refused message is a mistake in the logins: what it was for does not work until they are changed. */
  #logRefused(error: PermissionViolationError): void {
    const { operation, subject } = error;
    // What follows is an id: each inbox, broadcast with a key and acknowledgement has its own.
    const [counted = subject] = /^(_INBOX_|\$JS\.ACK|.*?\.v\d+)/.exec(subject) ?? [];
    if (this.#refused.add(`${operation} ${counted}`, { operation, subject: counted }))
      log.error({ error }, 'nats refused a message');
  }

  async #watch(): Promise<void> {
    for await (const status of this.nats.status()) {
      if (status.type === 'disconnect') {
        if (this.#isConnected) this.#brokenMs = performance.now();
        this.#isConnected = false;
        log.warn({}, 'nats disconnected');
        this.requester.failAll(new Error('NATS disconnected'));
      } else if (status.type === 'reconnect') {
        this.#isConnected = true;
        log.info({}, 'nats reconnected');
        for (const run of this.#reconnected) run();
      } else if (status.type === 'error') {
        if (status.error instanceof PermissionViolationError) this.#logRefused(status.error);
        else log.warn({ error: status.error }, 'nats error');
      }
    }
  }
}

/** Splits addresses and credentials, as the client needs them; the credentials of the first address that has some are used for all. */
function parseNatsUrls(urls: string): { servers: string[]; user?: string; pass?: string; token?: string } {
  const parsed = urls
    .split(',')
    .map((url) => new URL(url.includes('://') ? url.trim() : `nats://${url.trim()}`));
  const servers = parsed.map(({ protocol, host }) => `${protocol}//${host}`);
  const { username = '', password = '' } = parsed.find((url) => url.username !== '') ?? {};
  if (username === '') return { servers };
  if (password === '') return { servers, token: decodeURIComponent(username) };
  return { servers, user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}
