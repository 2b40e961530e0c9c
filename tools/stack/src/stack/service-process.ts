import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { ROOT } from '../places.js';
import { type ProcessRecord, endProcess, recordOf } from '../processes.js';
import { freePort } from '../servers/free-port.js';
import { markLogEnd } from '../servers/log-end.js';
import { relayLines } from './relay-lines.js';
import { Restarts, describeEnd } from './restarts.js';

export interface ServiceOptions {
  /** Name in messages and of its log: `executor`, `executor-2`. */
  readonly name: string;
  /** Folder below `services/`. */
  readonly service: string;
  /** Its main file. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Port of /health, /ready and /metrics. @default a free one */
  readonly internalPort?: number;
  /** Port of its API. @default it has no API */
  readonly http?: HttpPort;
  /** Is notified of each start and each unexpected end. */
  readonly changed: (service: ServiceProcess) => void;
  readonly say: (line: string) => void;
  /** Is called with each line of its log, too. @default the lines are only in the file */
  readonly relay?: (name: string, line: string) => void;
}

/** The port of a service's API. */
export interface HttpPort {
  /** @default 'http' */
  readonly scheme?: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Whether it is the only one that may be used; otherwise another one is used when a program took it in between. */
  readonly isFixed: boolean;
}

const READY_WITHIN_MS = 60_000;
/** How often a start is tried when the process ends before it is ready, as on a machine that is too busy for its connections. */
const STARTS = 3;
/** A start that failed after a longer time failed because the machine is busy, not because of a mistake. */
const SLOW_START_MS = 8_000;
/** A service that is asked to stop is killed after this time; its own drain ends earlier. */
export const STOP_GRACE_MS = 30_000;
/** Exit code of a service with wrong settings: starting it again cannot help. */
const SETTINGS_EXIT_CODE = 78;

/** A port that a process gets in a variable. */
interface Port {
  readonly variable: string;
  number: number;
  isFixed: boolean;
}

/** A service ended before it was ready. */
class EarlyEnd extends Error {}

/** One service process: started, watched, and started again when it ends unexpectedly. */
export class ServiceProcess {
  readonly name: string;
  /** Its folder below `services/`. */
  readonly service: string;
  readonly #options: ServiceOptions;
  #record: ProcessRecord | undefined;
  readonly #internalPort: Port;
  readonly #httpPort: Port | undefined;
  /** Whether it is started again when it ends: from the time when it is first ready until it is asked to end. */
  #wanted = false;
  readonly #restarts = new Restarts();
  /** Its log lines since its last start. */
  #lastLines: (most?: number) => string[] = () => [];
  #retry: NodeJS.Timeout | undefined;
  /** Aborted when it is asked to end: a start in progress then makes no other process. */
  #ending = new AbortController();

  constructor(options: ServiceOptions) {
    this.name = options.name;
    this.service = options.service;
    this.#options = options;
    const { internalPort = 0, http } = options;
    this.#internalPort = {
      variable: 'CAUSEWAY_INTERNAL_PORT',
      number: internalPort,
      isFixed: internalPort !== 0,
    };
    this.#httpPort = http && {
      variable: 'CAUSEWAY_HTTP_PORT',
      number: http.port,
      isFixed: http.isFixed,
    };
  }

  /** Undefined while it does not run. */
  get process(): ProcessRecord | undefined {
    return this.#record;
  }

  /** Address of /health, /ready and /metrics. */
  get internalUrl(): string {
    return addressOf(this.#options.environment['CAUSEWAY_INTERNAL_HOST'], this.#internalPort);
  }

  /** Address of its API, final once it is ready; undefined when it has none. */
  get url(): string | undefined {
    return this.#httpPort && addressOf(this.#options.http?.host, this.#httpPort, this.#options.http?.scheme);
  }

  get #ports(): readonly Port[] {
    return [this.#internalPort, ...(this.#httpPort ? [this.#httpPort] : [])];
  }

  /**
   * Starts it and returns when it is ready.
   *
   * @param given  stops the start when aborted
   * @throws Error with its last log lines, or the problems of its settings, when it ends instead
   */
  async start(given?: AbortSignal): Promise<void> {
    if (this.#record) return;
    clearTimeout(this.#retry);
    this.#wanted = false;
    const signal = AbortSignal.any([this.#ending.signal, ...(given ? [given] : [])]);
    this.#internalPort.number ||= await freePort();
    for (let tried = 1; ; tried += 1) {
      const startedMs = Date.now();
      try {
        await this.#becomeReady(signal);
        break;
      } catch (error) {
        const lost = this.#lostPorts();
        const fixed = lost.find(({ isFixed }) => isFixed);
        if (fixed && error instanceof EarlyEnd)
          throw new Error(
            `${this.name} cannot start: port ${fixed.number} (${fixed.variable}) is taken by another program`,
            { cause: error },
          );
        // A start that fails at once would fail again.
        const wasSlow = error instanceof EarlyEnd && Date.now() - startedMs > SLOW_START_MS;
        if (signal.aborted || tried === STARTS || !(lost.length > 0 || wasSlow)) throw error;
        if (lost.length > 0) await this.#replacePorts(lost);
        else this.#options.say(`${(error as Error).message}\nstarting ${this.name} again`);
      }
    }
    // From here on its clients know this port.
    if (this.#httpPort) this.#httpPort.isFixed = true;
    this.#wanted = true;
  }

  async #becomeReady(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    let ended: { code: number | null; how: string } | undefined;
    this.#spawn().once('exit', (code, signal) => (ended = { code, how: describeEnd(code, signal) }));
    const until = Date.now() + READY_WITHIN_MS;
    // A process that ends during this answer is not ready, and would not be started again; neither is one that was asked to stop.
    while (!(await this.isReady()) || ended || signal.aborted) {
      if (!signal.aborted && !ended && Date.now() <= until) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      await this.#endProcess('SIGKILL', 0);
      signal.throwIfAborted();
      if (ended?.code === SETTINGS_EXIT_CODE) throw new Error(this.#lastLines().join('\n'));
      const Failure = ended ? EarlyEnd : Error;
      const why = ended
        ? `ended while it started (${ended.how})`
        : `was not ready after ${READY_WITHIN_MS / 1000} s`;
      throw new Failure(`${this.name} ${why}; ${this.#logEnd()}`);
    }
  }

  /** The ports that its process could not use: a free port is not reserved until it is used, so another program may have taken it. */
  #lostPorts(): Port[] {
    const lines = this.#lastLines(100).filter((line) => line.includes('EADDRINUSE'));
    return this.#ports.filter(({ number }) => lines.some((line) => new RegExp(`:${number}\\b`).test(line)));
  }

  async #replacePorts(lost: readonly Port[]): Promise<void> {
    for (const port of lost) {
      const taken = port.number;
      port.number = await freePort();
      this.#options.say(
        `${this.name}: port ${taken} is taken by another program, so port ${port.number} is used`,
      );
    }
  }

  /** Asks it to finish its work and end; kills it when that takes too long. It stays stopped. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM', STOP_GRACE_MS);
  }

  /** Kills it and its child processes, as a crash would. It stays stopped until `start`. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL', 0);
  }

  /** Whether its /ready answers that it can work. */
  async isReady(): Promise<boolean> {
    if (!this.#record) return false;
    const answer = await fetch(`${this.internalUrl}/ready`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    return answer?.ok ?? false;
  }

  async #end(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#retry);
    this.#ending.abort(new Error(`${this.name} was asked to stop`));
    this.#ending = new AbortController();
    await this.#endProcess(signal, graceMs);
  }

  async #endProcess(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    const record = this.#record;
    if (record) await endProcess(record, signal, graceMs);
    if (this.#record === record) this.#record = undefined;
  }

  #spawn(): ChildProcess {
    const { name, program, environment, http, logFile, relay, changed } = this.#options;
    this.#lastLines = markLogEnd(logFile);
    const log = relay ? undefined : openSync(logFile, 'a', 0o600);
    const started = Date.now();
    const child = spawn(process.execPath, ['--enable-source-maps', program], {
      cwd: ROOT,
      // It gets a process group of its own: a terminal's Ctrl-C is for the stack, which stops the services in their order.
      detached: true,
      env: {
        ...environment,
        ...(http && { CAUSEWAY_HTTP_HOST: http.host }),
        ...Object.fromEntries(this.#ports.map(({ variable, number }) => [variable, String(number)])),
      },
      stdio: ['ignore', log ?? 'pipe', log ?? 'pipe'],
    });
    if (log !== undefined) closeSync(log);
    if (relay) relayLines(child, logFile, (line) => relay(name, line));
    this.#record = recordOf(name, child.pid ?? 0);
    const { pid } = child;
    child.once('error', (error) => this.#options.say(`${name} cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      if (!this.#wanted || this.#record?.pid !== pid) return;
      this.#record = undefined;
      this.#reportEnd(code, signal, Date.now() - started);
      changed(this);
    });
    changed(this);
    return child;
  }

  #reportEnd(code: number | null, signal: NodeJS.Signals | null, ranForMs: number): void {
    const { name, say } = this.#options;
    const how = describeEnd(code, signal);
    if (code === SETTINGS_EXIT_CODE)
      return say(`${name} ended (${how}) and is not started again; ${this.#logEnd()}`);
    const waitMs = this.#restarts.next(ranForMs);
    say(`${name} ended (${how}); starting it again in ${waitMs / 1000} s; ${this.#logEnd()}`);
    this.#retry = setTimeout(() => void this.#startAgain(), waitMs);
  }

  async #startAgain(): Promise<void> {
    const { signal } = this.#ending;
    await this.#replacePorts(this.#lostPorts().filter(({ isFixed }) => !isFixed));
    if (signal.aborted) return;
    this.#spawn();
  }

  #logEnd(): string {
    return `${this.#options.logFile} ends with:\n${this.#lastLines(8).join('\n')}`;
  }
}

function addressOf(host: string | undefined, { number }: Port, scheme = 'http'): string {
  return `${scheme}://${!host || host === '0.0.0.0' ? '127.0.0.1' : host}:${number}`;
}
