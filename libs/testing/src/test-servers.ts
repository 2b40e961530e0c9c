import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateAll } from '@causeway/migrate';
import {
  ROOT,
  type Server,
  findOrInstall,
  openHome,
  startNats,
  startPostgres,
  startRedis,
} from '@causeway/stack';
import { Client } from 'pg';
import { freezeProcess } from './freeze-process.js';
import type { HostCalls, StartedDatabase, StartedServer, WantedDatabase } from './host-calls.js';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Template {
  readonly database: string;
  readonly urls: Readonly<Record<string, string>>;
}

/** The servers of one test run, each started at the first request. They belong to the process that runs Vitest. */
export class TestServers {
  readonly #home = openHome(mkdtempSync(join(tmpdir(), 'causeway-test-')), true);
  readonly #running = new Map<string, Server>();
  readonly #passwordSeed = randomBytes(16).toString('hex');
  #postgres: Promise<string> | undefined;
  readonly #templates = new Map<string, Promise<Template>>();
  #last = 0;

  readonly calls: HostCalls = {
    postgres: () => (this.#postgres ??= this.#startPostgres()),
    database: (wanted) => this.#cloneDatabase(wanted),
    nats: () => this.#startOwn('nats-server', startNats, this.#home.secrets.natsPassword),
    redis: () => this.#startOwn('redis-server', startRedis, this.#home.secrets.redisPassword),
    start: async ({ id }) => this.#running.get(id)?.start(),
    stop: async ({ id }) => this.#running.get(id)?.stop(),
    kill: async ({ id }) => this.#running.get(id)?.kill(),
    freeze: async ({ id }) => freezeProcess(this.#pidOf(id)),
    thaw: async ({ id }) => void process.kill(this.#pidOf(id), 'SIGCONT'),
  };

  /** Stops everything and deletes its data. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map((server) => server.stop()));
    for (const folder of [this.#home.postgresFolder, this.#home.folder])
      rmSync(folder, { recursive: true, force: true });
  }

  async #startPostgres(): Promise<string> {
    const { postgresFolder: folder, logs, secrets } = this.#home;
    const logFile = join(logs, 'postgres.log');
    const server = await startPostgres({
      folder,
      logFile,
      password: secrets.postgresPassword,
      isThrowaway: true,
    });
    this.#running.set('postgres', server);
    return server.url;
  }

  async #cloneDatabase({ services }: WantedDatabase): Promise<StartedDatabase> {
    const adminUrl = await this.calls.postgres({});
    const key = services?.toSorted().join() ?? 'all';
    const template = this.#templates.get(key) ?? this.#migrateTemplate(adminUrl, services);
    this.#templates.set(key, template);
    const { database, urls } = await template;
    const name = `test_${this.#next()}`;
    const client = new Client({ connectionString: adminUrl });
    await client.connect();
    try {
      await client.query(`create database ${name} template ${database}`);
    } finally {
      await client.end();
    }
    const own = Object.entries(urls).map(([service, url]) => [service, inDatabase(url, name)]);
    return { name, adminUrl: inDatabase(adminUrl, name), urls: Object.fromEntries(own) };
  }

  async #migrateTemplate(adminUrl: string, services: readonly string[] | undefined): Promise<Template> {
    const database = `template_${this.#next()}`;
    const servicesFolder = join(ROOT, 'services');
    const passwordOf = (role: string): string => `${role}-${this.#passwordSeed}`;
    const only = services === undefined ? {} : { services };
    const { urls } = await migrateAll({ adminUrl, database, servicesFolder, passwordOf, ...only });
    return { database, urls };
  }

  async #startOwn(
    name: string,
    start: typeof startNats | typeof startRedis,
    password: string,
  ): Promise<StartedServer> {
    const programs = await findOrInstall([name], say);
    const program = programs.get(name);
    if (!program) throw new Error(`${name} not found`);
    const id = `${name}-${this.#next()}`;
    const folder = join(this.#home.folder, id);
    const server = await start({ program, folder, logFile: join(this.#home.logs, `${id}.log`), password });
    this.#running.set(id, server);
    return { id, url: server.url };
  }

  #pidOf(id: string): number {
    const pid = this.#running.get(id)?.process?.pid;
    if (pid === undefined) throw new Error(`${id} is not running`);
    return pid;
  }

  #next(): number {
    return (this.#last += 1);
  }
}

function inDatabase(url: string, name: string): string {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}
