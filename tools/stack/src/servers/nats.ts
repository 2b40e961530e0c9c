import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { ensurePrivately } from '../home.js';
import type { FoundProgram } from './debian.js';
import { onFreePort } from './on-free-port.js';
import { type Server, type Watcher, startServer, useServer } from './server.js';

export interface NatsOptions {
  readonly program: FoundProgram;
  /** Keeps the configuration and JetStream's store. */
  readonly folder: string;
  readonly logFile: string;
  readonly password: string;
  /** More logins, each with what it may do. @default none */
  readonly logins?: readonly NatsLogin[];
  /** @default any free one */
  readonly port?: number;
  readonly watcher?: Watcher | undefined;
}

/** A login that may do only what is listed, and answer requests that it received. */
export interface NatsLogin {
  readonly user: string;
  readonly password: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

const USER = 'causeway';
/** A request can be answered once, at most so long after it came. */
const RESPONSES = { max: 1, expires: '2m' };
/** Limit of all streams: each owner's doorbells have 64 MB at most, and without a limit the server may use three quarters of the disk. */
const STORE = '512MB';

/** Starts nats-server with JetStream on 127.0.0.1, open to one user with a password, who may do everything, and to the given logins. */
export function startNats(options: NatsOptions): Promise<Server> {
  return onFreePort(options.port, (port) => startNatsOn(port, options));
}

function startNatsOn(port: number, options: NatsOptions): Promise<Server> {
  const configuration = join(options.folder, 'nats.conf');
  const settings = [
    `listen: "127.0.0.1:${port}"`,
    `max_payload: 1MB`,
    `jetstream { store_dir: ${JSON.stringify(join(options.folder, 'store'))}, max_file_store: ${STORE} }`,
    `authorization ${JSON.stringify({ users: usersOf(options) })}`,
  ];
  const url = `nats://${USER}:${encodeURIComponent(options.password)}@127.0.0.1:${port}`;
  return startServer({
    name: 'nats',
    url,
    command: options.program.command,
    args: ['--config', configuration],
    cwd: options.folder,
    env: options.program.env,
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
    prepare: () => {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
      ensurePrivately(configuration, settings.join('\n') + '\n');
    },
    connect: () => tryNats(url),
    watcher: options.watcher,
  });
}

function usersOf({ password, logins = [] }: NatsOptions): object[] {
  const limited = logins.map(({ user, password: own, publish, subscribe }) => ({
    user,
    password: own,
    permissions: { publish: { allow: publish }, subscribe: { allow: subscribe }, allow_responses: RESPONSES },
  }));
  return [{ user: USER, password }, ...limited];
}

/** The address of the same server for another login. */
export function natsUrlFor(url: string, { user, password }: Pick<NatsLogin, 'user' | 'password'>): string {
  const address = new URL(url);
  address.username = user;
  address.password = encodeURIComponent(password);
  return address.href;
}

/** The NATS server that the environment names. */
export function useNats(url: string): Promise<Server> {
  return useServer('NATS', 'CAUSEWAY_NATS_URL', url, () => tryNats(url));
}

async function tryNats(url: string): Promise<void> {
  const { host, username, password } = new URL(url);
  const credentials =
    username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  const connection = await connect({ servers: host, reconnect: false, timeout: 5_000, ...credentials });
  await connection.close();
}
