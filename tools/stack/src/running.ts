import { existsSync, readFileSync, rmSync } from 'node:fs';
import { type Home, createPrivately, writePrivately } from './home.js';
import { type ProcessRecord, endProcess, isAlive, recordOf } from './processes.js';

/** The running processes of a private folder, from its `running.json`. */
export interface Running {
  /** The process that started the others, and stops them when it is asked to stop. */
  readonly stack: ProcessRecord;
  readonly processes: readonly ProcessRecord[];
  /** Address of the gateway; set once everything is ready. */
  readonly url?: string;
  /** The gateway's certificate, when it speaks HTTPS; set with `url`. */
  readonly certFile?: string;
  /** The bootstrap administrator's key; set once everything is ready. */
  readonly apiKey?: string;
  /** Addresses of each service's /health, /ready and /metrics, by name. */
  readonly internalUrls?: Readonly<Record<string, string>>;
  /** Address of Postgres as superuser; set once the servers are ready. */
  readonly postgresUrl?: string;
}

/** Another copy already runs on this private folder. */
export class AlreadyRunningError extends Error {
  readonly running: Running;

  constructor(folder: string, running: Running) {
    super(
      `Causeway is already ${running.url === undefined ? 'starting' : `running at ${running.url}`} with the private folder ${folder}`,
    );
    this.running = running;
  }
}

/** The copy that runs on a home; undefined when none does, or when it crashed. */
export function readRunning({ runningFile }: Pick<Home, 'runningFile'>): Running | undefined {
  const running = readFile(runningFile);
  return running && isAlive(running.stack) ? running : undefined;
}

/**
 * Claims a private folder for this process, and ends the processes that a crashed copy left there.
 *
 * @returns the processes that were left and are ended
 * @throws  AlreadyRunningError when another copy has it
 */
export async function claimHome(home: Home): Promise<readonly ProcessRecord[]> {
  const running = readRunning(home);
  if (running) throw new AlreadyRunningError(home.folder, running);
  const ended = await endLeftovers(home);
  const claim: Running = { stack: recordOf('stack', process.pid), processes: [] };
  if (!createPrivately(home.runningFile, JSON.stringify(claim))) {
    throw new AlreadyRunningError(home.folder, readRunning(home) ?? claim);
  }
  return ended;
}

/** Writes the list of running processes of a private folder that this process has claimed. */
export function writeRunning({ runningFile }: Home, running: Omit<Running, 'stack'>): void {
  const whole: Running = { stack: recordOf('stack', process.pid), ...running };
  writePrivately(runningFile, JSON.stringify(whole, undefined, 2) + '\n');
}

export function clearRunning({ runningFile }: Pick<Home, 'runningFile'>): void {
  rmSync(runningFile, { force: true });
}

/** Ends the processes that a crashed copy left: the last started first, so that servers end after the services that use them. */
export async function endLeftovers(home: Pick<Home, 'runningFile'>): Promise<readonly ProcessRecord[]> {
  const crashed = readFile(home.runningFile);
  if (!crashed || isAlive(crashed.stack)) return [];
  const left = crashed.processes.filter(isAlive);
  for (const record of left.toReversed()) {
    await endProcess(record, record.name === 'postgres' ? 'SIGINT' : 'SIGTERM', 5_000);
  }
  clearRunning(home);
  return left;
}

function readFile(file: string): Running | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Running) : undefined;
}
