import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { environmentWithout, log, newId } from '@causeway/platform';
import type { SupervisorSettings } from '../config.js';
import type { RunnerKind } from '../runner/life/runner-identity.js';
import type { KeyAnswered, KeyAsked } from '../runner/keys/key-messages.js';
import type { FromRunner, ToRunner } from '../runner/life/runner-messages.js';

/** How a runner ended. */
export interface RunnerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly livedMs: number;
}

const PAGE_BYTES = 4_096;
/** Measured: a third less memory than the default, at no cost in time. */
const YOUNG_GENERATION = '--max-semi-space-size=16';
/** A runner that leaves so many `ask` messages in a row unanswered does not respond; one is sent each second. */
const FROZEN_LOOKS = 3;

/** A runner gets none of these, not even where they are set for every service. */
const HELD_BACK = [
  'CAUSEWAY_RUNNER_SIGNING_KEY',
  'CAUSEWAY_RUNNER_NATS_URL',
  'CAUSEWAY_MASTER_KEY',
  'CAUSEWAY_MASTER_KEY_FILE',
];

/** What a runner signs and connects with. */
export type RunnerLogin = Pick<SupervisorSettings, 'runnerSigningKey' | 'runnerNatsUrl' | 'natsUrl'>;

/** A child process in which runs are executed, and what its supervisor knows of it. */
export class RunnerProcess {
  readonly id = newId();
  /** Settles when it is ready; rejects when it ends before. */
  readonly ready: Promise<void>;
  readonly ended: Promise<RunnerEnd>;
  rssBytes = 0;
  /** Runs that it executed when it last answered. */
  runs = 0;
  isReady = false;
  /** The port of its /metrics; undefined until it is ready. */
  internalPort: number | undefined;
  /** It was asked to stop. */
  isEnding = false;
  /** It was ended before it could do anything. */
  wasUnused = false;
  private readonly process: ChildProcess;
  private readonly startedMs = performance.now();
  private hasAnswered = true;
  /** Looks since it last answered. This is not a time, because the supervisor itself may have been stopped for a while. */
  private silentLooks = 0;
  private part: RunnerKind;

  /** @param answer  answers its questions for keys */
  constructor(kind: RunnerKind, login: RunnerLogin, answer: (asked: KeyAsked) => Promise<KeyAnswered>) {
    this.part = kind;
    this.process = fork(new URL('../runner.js', import.meta.url), [kind, this.id], {
      execArgv: [...process.execArgv, YOUNG_GENERATION],
      env: {
        ...environmentWithout(HELD_BACK),
        CAUSEWAY_SIGNING_KEY: login.runnerSigningKey,
        CAUSEWAY_NATS_URL: login.runnerNatsUrl ?? login.natsUrl,
      },
    });
    const ready = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<RunnerEnd>();
    this.ready = ready.promise;
    this.ready.catch(() => {});
    this.ended = ended.promise;
    this.process.on('message', (message: FromRunner) => {
      if (message.type === 'alive') return this.heard(message);
      if (message.type === 'key') return void answer(message).then((answered) => this.send(answered));
      this.isReady = true;
      this.internalPort = message.internalPort;
      log.info(
        { kind: this.kind, runnerId: this.id, pid: this.pid, internalPort: message.internalPort },
        'runner ready',
      );
      ready.resolve();
    });
    this.process.on('error', (error) => log.error({ error, kind }, 'runner not started'));
    this.process.on('exit', (code, signal) => {
      const how = signal ?? `exit code ${code}`;
      ready.reject(new Error(`the ${this.kind} runner ended before it was ready: ${how}`));
      ended.resolve({ code, signal, livedMs: performance.now() - this.startedMs });
    });
  }

  get kind(): RunnerKind {
    return this.part;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Whether it is ready, responds and is not ending. */
  get isFit(): boolean {
    return this.isReady && !this.isEnding && !this.isFrozen;
  }

  get isFrozen(): boolean {
    return this.silentLooks >= FROZEN_LOOKS;
  }

  /** Looks that it has not answered. */
  get silence(): number {
    return this.silentLooks;
  }

  /** Asks whether its main loop responds. Called each second. */
  ask(): void {
    if (!this.isReady) return;
    if (!this.hasAnswered) {
      this.silentLooks += 1;
      return;
    }
    this.hasAnswered = false;
    this.send({ type: 'ask' });
  }

  /** Makes it look for runs to take over. */
  nudge(): void {
    if (this.isReady) this.send({ type: 'look' });
  }

  become(kind: 'shared' | 'standby'): void {
    this.part = kind;
    this.send({ type: 'become', kind });
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }

  /** Asks it to end in an orderly way; settles when it has ended. */
  async stop(): Promise<void> {
    // A standby that is just starting has no runs, and a stop would wait until all of its code is loaded.
    this.wasUnused = this.kind === 'standby' && !this.isReady;
    if (this.wasUnused) {
      this.kill();
    } else {
      // Another one that is just starting would be ended by the signal like a runner that dies: it does not handle it yet.
      await this.ready.catch(() => {});
      this.process.kill('SIGTERM');
    }
    await this.ended;
  }

  /** Measures its memory. */
  sample(): void {
    this.rssBytes = residentBytes(this.pid) ?? this.rssBytes;
  }

  private heard({ runs, isEnding }: Extract<FromRunner, { type: 'alive' }>): void {
    this.hasAnswered = true;
    this.silentLooks = 0;
    this.runs = runs;
    this.isEnding = isEnding;
  }

  private send(message: ToRunner): void {
    // A runner that is just ending receives no messages any more.
    if (this.process.connected) this.process.send(message, () => {});
  }
}

/** Resident memory of a process; undefined where the system does not report it. */
function residentBytes(pid: number | undefined): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return undefined;
  }
}
