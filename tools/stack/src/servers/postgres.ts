import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Client } from 'pg';
import { giveTo, makeFolderFor } from '../places.js';
import { endProcess, recordOf } from '../processes.js';
import { onFreePort } from './on-free-port.js';
import { findPostgresPrograms } from './postgres-programs.js';
import { type SystemUser, findPostgresUser } from './postgres-user.js';
import { type Server, type Watcher, startServer, useServer } from './server.js';

export interface PostgresOptions {
  /** Keeps the data; the unprivileged user must be able to reach it (see `placeFor`). */
  readonly folder: string;
  readonly logFile: string;
  /** Password of the superuser `causeway`; the first start sets it. */
  readonly password: string;
  /** @default any free one */
  readonly port?: number;
  /** The data need not survive a crash of the machine, so creating it does not wait for the disk. @default false */
  readonly isThrowaway?: boolean;
  /** Is called with a line about a problem. */
  readonly say?: ((line: string) => void) | undefined;
  readonly watcher?: Watcher | undefined;
}

const USER = 'causeway';
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
};

/** Starts Postgres on 127.0.0.1 with passwords required, creating its data on the first start. */
export async function startPostgres(options: PostgresOptions): Promise<Server> {
  const programs = findPostgresPrograms();
  const data = join(options.folder, 'data');
  const user = findPostgresUser(options.say);
  makeFolderFor(user, options.folder);
  if (!existsSync(data)) await createData(programs, options, data, user);
  await endLeftover(data);
  giveTo(user, data);
  return onFreePort(options.port, (port) => startPostgresOn(port, options, { programs, data, user }));
}

function startPostgresOn(
  port: number,
  options: PostgresOptions,
  { programs, data, user }: { programs: string; data: string; user: SystemUser | undefined },
): Promise<Server> {
  const url = `postgres://${USER}:${encodeURIComponent(options.password)}@127.0.0.1:${port}/postgres`;
  const settings = Object.entries({ ...SETTINGS, port: String(port) });
  return startServer({
    name: 'postgres',
    url,
    command: join(programs, 'postgres'),
    args: ['-D', data, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    cwd: options.folder,
    user,
    prepare: () => endLeftover(data),
    logFile: options.logFile,
    stopSignal: 'SIGINT',
    connect: () => tryPostgres(url),
    watcher: options.watcher,
  });
}

/** The Postgres server that the environment names; its login must be able to create databases and roles. */
export function usePostgres(url: string): Promise<Server> {
  return useServer('Postgres', 'CAUSEWAY_POSTGRES_URL', url, () => tryPostgres(url));
}

async function tryPostgres(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => {});
  }
}

/** Runs initdb in a temporary folder and renames it, so that a crash in between leaves no incomplete data. */
async function createData(
  programs: string,
  options: PostgresOptions,
  data: string,
  user: SystemUser | undefined,
): Promise<void> {
  const { folder, password } = options;
  const draft = `${data}.new`;
  const passwordFile = join(folder, 'password');
  rmSync(draft, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const args = [
    '-D',
    draft,
    '-U',
    USER,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C',
    ...(options.isThrowaway ? ['--no-sync'] : []),
  ];
  try {
    await runInitdb(join(programs, 'initdb'), args, folder, user);
  } finally {
    rmSync(passwordFile);
  }
  renameSync(draft, data);
}

function runInitdb(
  command: string,
  args: readonly string[],
  cwd: string,
  user: SystemUser | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, ...user, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => reject(new Error(`Postgres data cannot be created: ${error.message}`)));
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`Postgres data cannot be created:\n${output}`)),
    );
  });
}

/**
 * Ends a server that a crashed run left on this data. Its pid file may also be stale, with a pid that now belongs to another
 * program: Postgres would then refuse to start, so such a file is removed.
 */
async function endLeftover(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (isPostgresOn(pid, data)) await endProcess(recordOf('postgres', pid), 'SIGINT', 10_000);
  else rmSync(pidFile);
}

function isPostgresOn(pid: number, data: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
  } catch {
    return false;
  }
}
