import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readEnvironmentFile } from './environment-file.js';
import { ROOT, ensureFolder, isRoot, placeFor } from './places.js';

/** The secrets of a copy; written once, readable by its owner only. */
export interface Secrets {
  readonly postgresPassword: string;
  readonly natsPassword: string;
  readonly redisPassword: string;
  /** The passwords of database roles are derived from it. */
  readonly roleSeed: string;
  /** 32 bytes, base64: encrypts what the services store encrypted. */
  readonly masterKey: string;
  /** The bootstrap administrator's API key. */
  readonly apiKey: string;
}

/** The private folder of one copy of Causeway: data, keys, logs, and the list of running processes. */
export interface Home {
  readonly folder: string;
  readonly secrets: Secrets;
  /** Its data need not survive a crash of the machine, so creating it does not wait for the disk. */
  readonly isThrowaway: boolean;
  readonly postgresFolder: string;
  readonly natsFolder: string;
  readonly redisFolder: string;
  readonly logs: string;
  readonly objects: string;
  /** Node's compiled code. */
  readonly compileCache: string;
  readonly lastPortFile: string;
  /** Describes the running copy; see `running.ts`. */
  readonly runningFile: string;
}

/** The folder that the environment or else `.env` names, else `.causeway` in the checkout. */
export function chosenHomeFolder(): string {
  const named = process.env['CAUSEWAY_HOME'] || readEnvironmentFile()['CAUSEWAY_HOME'];
  return resolve(named || join(ROOT, '.causeway'));
}

/** A command as a person has to type it to mean this copy: with CAUSEWAY_HOME where this process has it. */
export function commandHere(command: string): string {
  const { CAUSEWAY_HOME: home } = process.env;
  if (!home) return command;
  const quoted = /^[\w./@:+-]+$/.test(home) ? home : `'${home.replaceAll("'", "'\\''")}'`;
  return `CAUSEWAY_HOME=${quoted} ${command}`;
}

/** Opens a private folder, creating it and its secrets the first time. @throws Error when it is another user's */
export function openHome(folder: string, isThrowaway = false): Home {
  const home = homeAt(folder);
  for (const inner of [home.logs, home.objects]) mkdirSync(inner, { recursive: true, mode: 0o700 });
  return { ...home, isThrowaway, secrets: readSecrets(join(folder, 'secrets.json')) };
}

/** The port that the gateway had last; undefined before the first start. */
export function readLastPort({ lastPortFile }: Pick<Home, 'lastPortFile'>): number | undefined {
  const port = existsSync(lastPortFile) ? Number(readFileSync(lastPortFile, 'utf8')) : 0;
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined;
}

/** Stores the gateway's port, so that the next start uses it again. */
export function writeLastPort({ lastPortFile }: Pick<Home, 'lastPortFile'>, port: number): void {
  writePrivately(lastPortFile, `${port}\n`);
}

/** Deletes data, keys and logs; keeps server programs. No copy may be running there. */
export function resetHome(folder: string): void {
  const home = homeAt(folder);
  const secrets = join(folder, 'secrets.json');
  for (const inner of [
    home.postgresFolder,
    home.natsFolder,
    home.redisFolder,
    home.logs,
    home.objects,
    secrets,
  ]) {
    rmSync(inner, { recursive: true, force: true });
  }
}

function homeAt(folder: string): Omit<Home, 'secrets' | 'isThrowaway'> {
  makeOwnFolder(folder);
  return {
    folder,
    postgresFolder: placeFor(join(folder, 'postgres')),
    natsFolder: join(folder, 'nats'),
    redisFolder: join(folder, 'redis'),
    logs: join(folder, 'logs'),
    objects: join(folder, 'objects'),
    compileCache: compileCacheFor(folder),
    lastPortFile: join(folder, 'last-port'),
    runningFile: join(folder, 'running.json'),
  };
}

/** One folder for all homes of a checkout, because the code is that of the build; the home's own where the checkout cannot be written. */
function compileCacheFor(home: string): string {
  const shared = join(ROOT, '.causeway/compile-cache');
  try {
    ensureFolder(shared);
    accessSync(shared, constants.W_OK);
    return shared;
  } catch {
    return join(home, 'compile-cache');
  }
}

function makeOwnFolder(folder: string): void {
  try {
    ensureFolder(folder);
    accessSync(folder, constants.W_OK);
    // When root starts Postgres, it runs as another user, who must be able to pass through these folders without listing them.
    chmodSync(folder, isRoot ? 0o711 : 0o700);
  } catch (error) {
    throw new Error(
      `the private folder ${folder} cannot be used: set CAUSEWAY_HOME to a folder of your own`,
      { cause: error },
    );
  }
}

function readSecrets(file: string): Secrets {
  if (!existsSync(file)) {
    const secrets: Secrets = {
      postgresPassword: token(),
      natsPassword: token(),
      redisPassword: token(),
      roleSeed: token(),
      masterKey: randomBytes(32).toString('base64'),
      apiKey: newBootstrapKey(),
    };
    createPrivately(file, JSON.stringify(secrets, undefined, 2) + '\n');
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Secrets;
}

/** An API key for the administrator that the first migration creates. */
export function newBootstrapKey(): string {
  return `cw-${token()}`;
}

/**
 * Creates a file that only its owner may read, whole, unless it is there: of two processes at the same moment one wins.
 *
 * @returns whether this one did
 */
export function createPrivately(file: string, text: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft);
  }
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivately(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Writes such a file unless it already has this text, so that a full disk does not stop a program that needs the file unchanged. */
export function ensurePrivately(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writePrivately(file, text);
}

/** A random text of letters and digits only, since it is written into addresses and configuration files without escapes. */
function token(): string {
  return randomBytes(24).toString('hex');
}
