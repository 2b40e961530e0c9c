import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { ensurePrivately } from '../home.js';
import type { FoundProgram } from './debian.js';
import { onFreePort } from './on-free-port.js';
import { type Server, type Watcher, startServer, useServer } from './server.js';

export interface RedisOptions {
  readonly program: FoundProgram;
  /** Keeps the configuration; Redis itself keeps nothing, it only caches. */
  readonly folder: string;
  readonly logFile: string;
  readonly password: string;
  /** @default any free one */
  readonly port?: number;
  readonly watcher?: Watcher | undefined;
}

/** Starts redis-server on 127.0.0.1 with a password, bounded in memory and without files: all of its data may be lost. */
export function startRedis(options: RedisOptions): Promise<Server> {
  return onFreePort(options.port, (port) => startRedisOn(port, options));
}

function startRedisOn(port: number, options: RedisOptions): Promise<Server> {
  const configuration = join(options.folder, 'redis.conf');
  const settings = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${options.password}`,
    'save ""',
    'appendonly no',
    'maxmemory 256mb',
    'maxmemory-policy allkeys-lru',
  ];
  const url = `redis://:${encodeURIComponent(options.password)}@127.0.0.1:${port}/0`;
  return startServer({
    name: 'redis',
    url,
    command: options.program.command,
    args: [configuration],
    cwd: options.folder,
    env: options.program.env,
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
    prepare: () => {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
      ensurePrivately(configuration, settings.join('\n') + '\n');
    },
    connect: () => tryRedis(url),
    watcher: options.watcher,
  });
}

/** The Redis server that the environment names. */
export function useRedis(url: string): Promise<Server> {
  return useServer('Redis', 'CAUSEWAY_REDIS_URL', url, () => tryRedis(url));
}

async function tryRedis(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 5_000 });
  // The reason of a failed connection is passed only to this listener; the rejected promise only says that it closed.
  let reason: Error | undefined;
  client.on('error', (error: Error) => (reason = error));
  try {
    await client.connect();
    await client.quit();
  } catch (error) {
    client.disconnect();
    throw reason ?? error;
  }
}
