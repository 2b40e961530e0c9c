import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What `causeway login` keeps for a server. */
export interface Login {
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the access token expires, in milliseconds. */
  readonly expiresAtMs: number;
}

/** A command that holds the lock for longer was killed. */
const STALE_MS = 30_000;
const RETRY_MS = 50;

/** Logins by the addresses of their servers, in a file that only this user can read. */
export class LoginFile {
  constructor(private readonly folder = folderOf(process.env)) {}

  find(url: string): Login | undefined {
    return this.read()[url];
  }

  /** @param login  undefined removes it */
  set(url: string, login: Login | undefined): void {
    const { [url]: _former, ...others } = this.read();
    this.makeFolder();
    const text = JSON.stringify(login ? { ...others, [url]: login } : others);
    // Renamed, so that nobody reads half of it.
    const written = `${this.path}.${process.pid}`;
    writeFileSync(written, text, { mode: 0o600 });
    renameSync(written, this.path);
  }

  /** Runs `fn` while no other command does: a refresh token that two commands use ends the login. */
  async alone<T>(fn: () => Promise<T>): Promise<T> {
    const lock = `${this.path}.lock`;
    this.makeFolder();
    while (!takeLock(lock)) await pause(RETRY_MS);
    try {
      return await fn();
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }

  private get path(): string {
    return join(this.folder, 'logins.json');
  }

  private makeFolder(): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
  }

  private read(): Readonly<Record<string, Login>> {
    try {
      return JSON.parse(readFileSync(this.path, 'utf8')) as Record<string, Login>;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw new Error(`the file ${this.path} cannot be read: delete it and log in again`, { cause: error });
    }
  }
}

/** A folder can be made only once. */
function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  if (made !== undefined && Date.now() - made > STALE_MS) rmSync(lock, { recursive: true, force: true });
  return false;
}

function folderOf(environment: NodeJS.ProcessEnv): string {
  const { XDG_CONFIG_HOME: named } = environment;
  return join(named ? named : join(homedir(), '.config'), 'causeway');
}
