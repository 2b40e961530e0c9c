import { join } from 'node:path';
import type { Home } from '../home.js';
import { type FoundProgram, findOrInstall } from './debian.js';
import { natsLogins } from './nats-logins.js';
import { natsUrlFor, startNats, useNats } from './nats.js';
import { startPostgres, usePostgres } from './postgres.js';
import { startRedis, useRedis } from './redis.js';
import type { Server, Watcher } from './server.js';

/** Is called with a line of progress. */
export type Say = (line: string) => void;

/** The three servers that the platform uses. */
export interface Servers {
  /** Its address is a login that may create databases and roles. */
  readonly postgres: Server;
  /** Its address is a login that may do everything. */
  readonly nats: Server;
  readonly redis: Server;
  /** The address of NATS for a service: with a login of its own, unless the environment names the server. */
  natsUrlOf(service: string): string;
  /** Stops the servers that were started here. */
  stop(): Promise<void>;
}

/**
 * Finds or starts Postgres, NATS and Redis: each one's address from the environment (CAUSEWAY_POSTGRES_URL,
 * CAUSEWAY_NATS_URL, CAUSEWAY_REDIS_URL), else started on 127.0.0.1 with its data in the home.
 *
 * @param watcher  is notified of each process at once, so that no process is unknown even after a crash
 * @throws         Error that names what to install or correct; no server is left running
 */
export async function startServers(home: Home, say: Say, watcher?: Watcher): Promise<Servers> {
  const { secrets } = home;
  const { CAUSEWAY_NATS_URL: natsUrl, CAUSEWAY_REDIS_URL: redisUrl } = process.env;
  const missing = [...(natsUrl ? [] : ['nats-server']), ...(redisUrl ? [] : ['redis-server'])];
  const programs = findOrInstall(missing, say);
  const program = async (name: string): Promise<FoundProgram> => (await programs).get(name) as FoundProgram;
  const logFile = (name: string): string => join(home.logs, `${name}.log`);

  const logins = natsUrl ? [] : natsLogins(secrets);
  const postgres = (): Promise<Server> => startPostgresOnly(home, say, watcher);
  const nats = async (): Promise<Server> =>
    natsUrl
      ? useNats(natsUrl)
      : startNats({
          program: await program('nats-server'),
          folder: home.natsFolder,
          logFile: logFile('nats'),
          password: secrets.natsPassword,
          logins,
          watcher,
        });
  const redis = async (): Promise<Server> =>
    redisUrl
      ? useRedis(redisUrl)
      : startRedis({
          program: await program('redis-server'),
          folder: home.redisFolder,
          logFile: logFile('redis'),
          password: secrets.redisPassword,
          watcher,
        });

  const outcomes = await Promise.allSettled([postgres(), nats(), redis()]);
  const running = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const stop = async (): Promise<void> => void (await Promise.all(running.map((server) => server.stop())));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [postgresServer, natsServer, redisServer] = running as [Server, Server, Server];
  const natsUrlOf = (service: string): string => {
    if (natsUrl) return natsServer.url;
    const login = logins.find(({ user }) => user === service);
    if (!login)
      throw new Error(`libs/contracts/bus-permissions.json has no entry for ${service}: npm run gen`);
    return natsUrlFor(natsServer.url, login);
  };
  return { postgres: postgresServer, nats: natsServer, redis: redisServer, natsUrlOf, stop };
}

/** Finds or starts only Postgres, as `startServers` does. */
export function startPostgresOnly(home: Home, say?: Say, watcher?: Watcher): Promise<Server> {
  const { postgresFolder: folder, logs, secrets, isThrowaway } = home;
  const { CAUSEWAY_POSTGRES_URL: url } = process.env;
  if (url) return usePostgres(url);
  return startPostgres({
    folder,
    logFile: join(logs, 'postgres.log'),
    password: secrets.postgresPassword,
    isThrowaway,
    say,
    watcher,
  });
}
