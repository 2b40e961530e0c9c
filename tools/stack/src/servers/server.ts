import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { type ProcessRecord, endProcess, recordOf } from '../processes.js';
import { Restarts, describeEnd } from '../stack/restarts.js';
import { markLogEnd } from './log-end.js';

/** A server to talk to. */
export interface Server {
  readonly name: string;
  /** With credentials; stays the same when it is started again. */
  readonly url: string;
  /** The process that was started for it; undefined while it is down, and for a server that was there already. */
  readonly process: ProcessRecord | undefined;
  /** Stops what was started; returns when it is gone. Does nothing to a server that was there already. */
  stop(): Promise<void>;
  /** Ends what was started as a broken machine would. It stays down until `start`. */
  kill(): Promise<void>;
  /** Starts again, at the same address and with its data, what was stopped or killed. */
  start(): Promise<void>;
  /** From now on starts it again when it ends unasked. Does nothing for a server that was there already. */
  watch(watcher: Watcher): void;
}

/** Who is told of a server that ends unasked. */
export interface Watcher {
  /** Gets a line for each end and each new start. */
  readonly say: (line: string) => void;
  /** Called when the server has another process, or none. */
  readonly changed: () => void;
}

/** How to start a server program. */
export interface ServerProgram {
  readonly name: string;
  readonly url: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly logFile: string;
  readonly stopSignal: NodeJS.Signals;
  /** Done before each start: files that may be lost are written again. */
  readonly prepare?: () => void | Promise<void>;
  /** Connects as a client would; throws while that is not possible yet. */
  readonly connect: () => Promise<void>;
}

/** Postgres that recovers from a crash on a busy disk may take long. */
const READY_WITHIN_MS = 90_000;
const STOP_GRACE_MS = 10_000;

/**
 * Starts a server program in a process group of its own (a terminal's Ctrl-C must not reach it before the
 * services are drained) and returns when a client can connect.
 *
 * @throws Error with what it logged last when it ends early or is not ready in time
 */
export async function startServer(program: ServerProgram): Promise<Server> {
  const server = new StartedServer(program);
  await server.start();
  return server;
}

class StartedServer implements Server {
  readonly name: string;
  readonly url: string;
  readonly #program: ServerProgram;
  readonly #restarts = new Restarts();
  #record: ProcessRecord | undefined;
  #watcher: Watcher | undefined;
  /** Whether it is to run: what ends then has ended unasked. */
  #isWanted = false;
  #retry: NodeJS.Timeout | undefined;
  #lastLines: () => string[] = () => [];

  constructor(program: ServerProgram) {
    this.name = program.name;
    this.url = program.url;
    this.#program = program;
  }

  get process(): ProcessRecord | undefined {
    return this.#record;
  }

  stop(): Promise<void> {
    return this.#end(this.#program.stopSignal, STOP_GRACE_MS);
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL', 0);
  }

  async start(): Promise<void> {
    clearTimeout(this.#retry);
    this.#isWanted = true;
    if (!this.#record) await this.#launch();
  }

  watch(watcher: Watcher): void {
    this.#watcher = watcher;
  }

  async #end(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    this.#isWanted = false;
    clearTimeout(this.#retry);
    const ending = this.#record;
    if (ending) await endProcess(ending, signal, graceMs);
    if (this.#record === ending) this.#record = undefined;
  }

  /** Returns when a client can connect. */
  async #launch(): Promise<void> {
    const { logFile, prepare, connect, name } = this.#program;
    await prepare?.();
    this.#lastLines = markLogEnd(logFile);
    const child = this.#spawn();
    let ended: string | undefined;
    child.once('error', (error) => (ended = error.message));
    child.once('exit', (code, signal) => (ended = `ended with ${describeEnd(code, signal)}`));
    const record = recordOf(name, child.pid ?? 0);
    const startedMs = Date.now();
    for (;;) {
      try {
        await connect();
        break;
      } catch (error) {
        if (ended === undefined && Date.now() < startedMs + READY_WITHIN_MS) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          continue;
        }
        if (ended === undefined) await endProcess(record, 'SIGKILL', 0);
        const why = ended ?? `not ready after ${READY_WITHIN_MS / 1000} s`;
        throw new Error(`${name} did not start (${why}); ${this.#logEnd()}`, { cause: error });
      }
    }
    this.#record = record;
    const gone = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (this.#record !== record) return;
      this.#record = undefined;
      if (this.#isWanted && this.#watcher)
        this.#startLater(describeEnd(code, signal), Date.now() - startedMs);
    };
    if (child.exitCode !== null || child.signalCode !== null) gone(child.exitCode, child.signalCode);
    else child.once('exit', gone);
  }

  #startLater(how: string, ranForMs: number): void {
    const waitMs = this.#restarts.next(ranForMs);
    this.#watcher?.say(
      `${this.name} ended (${how}); starting it again in ${waitMs / 1000} s; ${this.#logEnd()}`,
    );
    this.#watcher?.changed();
    this.#retry = setTimeout(() => void this.#startAgain(), waitMs);
  }

  async #startAgain(): Promise<void> {
    const startedMs = Date.now();
    try {
      await this.#launch();
    } catch (error) {
      if (this.#isWanted) this.#startLater((error as Error).message, Date.now() - startedMs);
      return;
    }
    // Told to stop in the meantime.
    if (!this.#isWanted) return this.kill();
    this.#watcher?.say(`${this.name} is running again`);
    this.#watcher?.changed();
  }

  #spawn(): ChildProcess {
    const { command, args, cwd, env, user, logFile } = this.#program;
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(command, args, {
      cwd,
      detached: true,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', log, log],
      ...user,
    });
    closeSync(log);
    child.unref();
    return child;
  }

  #logEnd(): string {
    return `${this.#program.logFile} ends with:\n${this.#lastLines().join('\n')}`;
  }
}

/** A server that runs already, named by the environment. @throws Error naming the variable when nobody answers */
export async function useServer(
  name: string,
  variable: string,
  url: string,
  connect: () => Promise<void>,
): Promise<Server> {
  try {
    await connect();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${variable} is set, but ${name} cannot be reached there (${why}): correct it or unset it`,
      {
        cause: error,
      },
    );
  }
  const nothing = async (): Promise<void> => {};
  return { name, url, process: undefined, stop: nothing, kill: nothing, start: nothing, watch: () => {} };
}
