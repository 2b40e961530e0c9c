import { afterAll, inject } from 'vitest';
import { dropDatabase } from './drop-database.js';
import type { HostCalls, StartedDatabase, StartedServer, WantedDatabase } from './host-calls.js';

/** A server of one test file; it is stopped when the file ends. */
export interface TestServer {
  /** Address with credentials; it stays the same after a new start. */
  readonly url: string;
  /** Kills it, as a crash would. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Stops its process without ending it: connections stay, and nothing is answered. */
  freeze(): Promise<void>;
  /** Lets a frozen process continue. */
  thaw(): Promise<void>;
  /** Starts it again at the same address and with its data. */
  start(): Promise<void>;
}

/** Addresses of the servers of a run. Postgres is shared by all files; NATS and Redis are this file's own. */
export interface TestAddresses {
  /** Address of Postgres as superuser. */
  readonly postgresUrl: string;
  readonly natsUrl: string;
  readonly redisUrl: string;
}

/** Real servers on free ports of 127.0.0.1. Call it where `afterAll` may be called: at a file's or `describe`'s top level. */
export async function testServers(): Promise<TestAddresses> {
  const [postgresUrl, nats, redis] = await Promise.all([ask('postgres', {}), testNats(), testRedis()]);
  return { postgresUrl, natsUrl: nats.url, redisUrl: redis.url };
}

/** The address of the run's Postgres, as superuser, for tests that create databases themselves. */
export function testPostgres(): Promise<string> {
  return ask('postgres', {});
}

/** A nats-server with JetStream of this file's own. Call it at a file's or `describe`'s top level. */
export function testNats(): Promise<TestServer> {
  return ownServer('nats');
}

/** A redis-server of this file's own. Call it at a file's or `describe`'s top level. */
export function testRedis(): Promise<TestServer> {
  return ownServer('redis');
}

/**
 * A database of this file's own with the services' schemas, cloned from one that was migrated once per run.
 * When the file ends the database is dropped, and the file fails if a connection to it is still open by then.
 * Call it at a file's or `describe`'s top level.
 */
export async function testDatabase(wanted: WantedDatabase = {}): Promise<StartedDatabase> {
  const database = await ask('database', wanted);
  // Hooks run in reverse order of registration, so this one runs after those in which the file closes its connections.
  afterAll(async () => dropDatabase(database.name, await ask('postgres', {})));
  return database;
}

async function ownServer(kind: 'nats' | 'redis'): Promise<TestServer> {
  const server: StartedServer = await ask(kind, {});
  afterAll(() => ask('stop', server));
  return {
    url: server.url,
    stop: () => ask('stop', server),
    kill: () => ask('kill', server),
    freeze: () => ask('freeze', server),
    thaw: () => ask('thaw', server),
    start: () => ask('start', server),
  };
}

async function ask<C extends keyof HostCalls>(
  call: C,
  argument: Parameters<HostCalls[C]>[0],
): Promise<Awaited<ReturnType<HostCalls[C]>>> {
  const response = await fetch(inject('causewayTestHost'), {
    method: 'POST',
    body: JSON.stringify({ call, argument }),
  });
  const { answer, error } = (await response.json()) as {
    answer: Awaited<ReturnType<HostCalls[C]>>;
    error?: string;
  };
  if (error !== undefined) throw new Error(`test servers: ${error}`);
  return answer;
}
