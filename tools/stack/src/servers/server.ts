import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { type ProcessRecord, endProcess, recordOf } from '../processes.js';
import { Restarts, describeEnd } from '../stack/restarts.js';
import { markLogEnd } from './log-end.js';

/** A server that clients can use. */
export interface Server {
  readonly name: string;
  /** With credentials; stays the same when it is started again. */
  readonly url: string;
  /** The process that was started for it, also before it can be connected to; undefined while it is down, and for a server that was not started here. */
  readonly process: ProcessRecord | undefined;
  /** Stops a server that was started here, and returns when it has ended. Does nothing to other servers. */
  stop(): Promise<void>;
  /** Kills the server, as a crash would. It stays down until `start`. */
  kill(): Promise<void>;
  /** Starts it again after a stop or kill, at the same address and with its data. */
  start(): Promise<void>;
}

/** Is notified of a started server. A server with a watcher is started again when it ends unexpectedly. */
export interface Watcher {
  /** Is called with a line for each unexpected end and each new start after it. */
  readonly say: (line: string) => void;
  /** Called as soon as the server has another process, or none. */
  readonly changed: (server: Server) => void;
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
  /** Runs before each start, to write files again that may be lost. */
  readonly prepare?: () => void | Promise<void>;
  /** Connects as a client would; throws while that is not possible yet. */
  readonly connect: () => Promise<void>;
  /** @default none: it is not started again */
  readonly watcher?: Watcher | undefined;
}

/** Postgres that recovers from a crash on a busy disk may take long. */
const READY_WITHIN_MS = 90_000;
const STOP_GRACE_MS = 10_000;

/**
 * Starts a server program in a process group of its own (a terminal's Ctrl-C must not reach it before the
 * services are drained) and returns when a client can connect.
 *
 * @throws Error with its last log lines when it ends early or is not ready in time
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
  /** Settles when a start in progress has succeeded or failed. */
  #launching: Promise<void> | undefined;
  /** Whether it should run: an end at such a time is unexpected. */
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
    if (this.#launching || !this.#record) await this.#launch();
  }

  async #end(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    this.#isWanted = false;
    clearTimeout(this.#retry);
    const ending = this.#record;
    if (ending) await endProcess(ending, signal, graceMs);
    // A start that has no process yet gives up before it makes one.
    await this.#launching?.catch(() => {});
    if (this.#record === ending) this.#record = undefined;
  }

  /** Returns when a client can connect. A second caller during the start waits for the same start. */
  #launch(): Promise<void> {
    this.#launching ??= this.#startProcess().finally(() => (this.#launching = undefined));
    return this.#launching;
  }

  async #startProcess(): Promise<void> {
    const { logFile, prepare, name, watcher } = this.#program;
    await prepare?.();
    if (!this.#isWanted) throw new Error(`${name} was asked to stop before it was started`);
    this.#lastLines = markLogEnd(logFile);
    const startedMs = Date.now();
    const child = this.#spawn();
    const record = recordOf(name, child.pid ?? 0);
    this.#record = record;
    watcher?.changed(this);
    let isUp = false;
    let ended: string | undefined;
    const noteEnd = (how: string): void => {
      ended = how;
      if (this.#record !== record) return;
      this.#record = undefined;
      if (isUp && this.#isWanted) this.#startLater(how, Date.now() - startedMs);
    };
    child.once('error', (error) => noteEnd(error.message));
    child.once('exit', (code, signal) => noteEnd(describeEnd(code, signal)));
    await this.#becomeReady(record, () => ended);
    isUp = true;
  }

  /** @param findEnd  how the process has ended; undefined while it runs */
  async #becomeReady(record: ProcessRecord, findEnd: () => string | undefined): Promise<void> {
    const { name, connect } = this.#program;
    const until = Date.now() + READY_WITHIN_MS;
    for (;;) {
      const problem = await connect().then(
        () => undefined,
        (error: unknown) => error,
      );
      const end = findEnd();
      if (end === undefined && problem === undefined) return;
      if (end === undefined && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      if (end === undefined) await endProcess(record, 'SIGKILL', 0);
      const why = end === undefined ? `not ready after ${READY_WITHIN_MS / 1000} s` : `ended with ${end}`;
      throw new Error(`${name} did not start (${why}); ${this.#logEnd()}`, { cause: problem });
    }
  }

  #startLater(how: string, ranForMs: number): void {
    const { name, watcher } = this.#program;
    if (!watcher) return;
    const waitMs = this.#restarts.next(ranForMs);
    watcher.say(`${name} ended (${how}); starting it again in ${waitMs / 1000} s; ${this.#logEnd()}`);
    watcher.changed(this);
    this.#retry = setTimeout(() => void this.#startAgain(), waitMs);
  }

  async #startAgain(): Promise<void> {
    const startedMs = Date.now();
    try {
      await this.#launch();
      this.#program.watcher?.say(`${this.name} is running again`);
    } catch (error) {
      if (this.#isWanted) this.#startLater((error as Error).message, Date.now() - startedMs);
    }
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

/** A running server that the environment names. @throws Error that names the variable when the server is unreachable */
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
  return { name, url, process: undefined, stop: nothing, kill: nothing, start: nothing };
}
