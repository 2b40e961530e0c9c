import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { type ProcessRecord, endProcess, recordOf } from '../processes.js';
import { markLogEnd } from './log-end.js';

/** A server to talk to. */
export interface Server {
  readonly name: string;
  /** With credentials; stays the same when it is started again. */
  readonly url: string;
  /** The process that was started for it; undefined while stopped, and for a server that was there already. */
  readonly process: ProcessRecord | undefined;
  /** Stops what was started; returns when it is gone. Does nothing to a server that was there already. */
  stop(): Promise<void>;
  /** Ends what was started as a broken machine would. */
  kill(): Promise<void>;
  /** Starts again, at the same address and with its data, what was stopped or killed. */
  start(): Promise<void>;
}

/** How to start a server program. */
export interface ServerProgram {
  readonly name: string;
  readonly url: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly logFile: string;
  readonly stopSignal: NodeJS.Signals;
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
  let record: ProcessRecord | undefined = await launch(program);
  const end = async (signal: NodeJS.Signals, graceMs: number): Promise<void> => {
    const ending = record;
    if (ending) await endProcess(ending, signal, graceMs);
    if (record === ending) record = undefined;
  };
  return {
    name: program.name,
    url: program.url,
    get process() {
      return record;
    },
    stop: () => end(program.stopSignal, STOP_GRACE_MS),
    kill: () => end('SIGKILL', 0),
    start: async () => {
      record ??= await launch(program);
    },
  };
}

async function launch(program: ServerProgram): Promise<ProcessRecord> {
  const lastLines = markLogEnd(program.logFile);
  const log = openSync(program.logFile, 'a', 0o600);
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', ...program.env },
    stdio: ['ignore', log, log],
    ...(program.uid === undefined ? {} : { uid: program.uid, gid: program.uid }),
  });
  closeSync(log);
  child.unref();
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended = `ended with ${signal ?? `code ${code}`}`));

  const record = recordOf(program.name, child.pid ?? 0);
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      await program.connect();
      return record;
    } catch (error) {
      if (ended === undefined && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      if (ended === undefined) await endProcess(record, 'SIGKILL', 0);
      const why = ended ?? `not ready after ${READY_WITHIN_MS / 1000} s`;
      const log = `${program.logFile} ends with:\n${lastLines().join('\n')}`;
      throw new Error(`${program.name} did not start (${why}); ${log}`, { cause: error });
    }
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
    throw new Error(`${variable} is set, but ${name} cannot be reached there (${why}): correct or unset it`, {
      cause: error,
    });
  }
  const nothing = async (): Promise<void> => {};
  return { name, url, process: undefined, stop: nothing, kill: nothing, start: nothing };
}
