import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { Client } from 'pg';
import {
  endLockHolderSql,
  heartbeatSql,
  registerExecutorSql,
  tryLifeLockSql,
} from '../../store/runners/executor.sql.js';
import { processMark } from './process-mark.js';
import type { RunnerKind } from './runner-identity.js';

/** The input of the thread. */
export interface HeartbeatWork {
  readonly databaseUrl: string;
  readonly runner: {
    readonly id: string;
    readonly kind: RunnerKind;
    readonly engineVersion: number;
    readonly host: string;
    readonly pid: number;
  };
  /** Counts the main loop's turns. */
  readonly ticks: SharedArrayBuffer;
}

/** What the thread reports to the main loop. */
export type HeartbeatNews =
  { readonly kind: 'held' } | { readonly kind: 'lost' | 'expired' | 'dead'; readonly reason: string };

const BEAT_MS = 1_000;
const STATEMENT_MS = 3_000;
/** After a longer silence other executors may find this runner dead: its runs are stopped a little earlier. */
const EXPIRED_MS = 13_000;
const STANDSTILL_MS = 10_000;
/** A runner that cannot register within this time gives up: on a busy machine a connection may take more than one attempt. */
const BEGIN_MS = 30_000;

const work = workerData as HeartbeatWork;
const ticks = new Int32Array(work.ticks);
let running: unknown = [];
let client: Client | undefined;
let isRegistered = false;
let isHeld = false;
let lastBeatMs = performance.now();
let isExpired = false;
let lastTick = 0;
let lastTickMs = performance.now();

parentPort?.on('message', (described: unknown) => (running = described));

function tell(news: HeartbeatNews): void {
  parentPort?.postMessage(news);
}

async function connect(): Promise<Client> {
  const opened = new Client({
    connectionString: work.databaseUrl,
    application_name: `executor ${work.runner.kind} heartbeat`,
    connectionTimeoutMillis: STATEMENT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS,
    keepAlive: true,
  });
  opened.on('error', (error) => close(error.message));
  try {
    await opened.connect();
  } catch (error) {
    opened.end().catch(() => {});
    throw error;
  }
  return opened;
}

function close(reason: string): void {
  const closing = client;
  client = undefined;
  closing?.end().catch(() => {});
  if (isHeld) tell({ kind: 'lost', reason });
  isHeld = false;
}

/**
 * Takes the lock. After a network failure Postgres may still treat the previous connection as alive, and that connection holds the lock:
 * it is ended, and the next heartbeat finds the lock free.
 */
async function hold(on: Client): Promise<void> {
  const { rows } = await on.query<{ held: boolean }>(tryLifeLockSql, [work.runner.id]);
  if (rows[0]?.held !== true) {
    await on.query(endLockHolderSql, [work.runner.id]);
    return;
  }
  if (!isRegistered) await register(on);
  isHeld = true;
  tell({ kind: 'held' });
}

async function register(on: Client): Promise<void> {
  const { id, kind, host, pid, engineVersion } = work.runner;
  await on.query(registerExecutorSql, [id, kind, host, pid, engineVersion, processMark(pid) ?? null]);
  isRegistered = true;
}

async function beat(): Promise<void> {
  try {
    client ??= await connect();
    if (!isRegistered) await hold(client);
    if (!isRegistered) throw new Error('the life lock of a new runner is not free');
    // Postgres records the heartbeat after this moment, so other executors measure a shorter silence than this process does.
    const sentMs = performance.now();
    const { rowCount } = await client.query(heartbeatSql, [work.runner.id]);
    if (rowCount === 0) tell({ kind: 'dead', reason: 'another executor has found this runner dead' });
    lastBeatMs = sentMs;
    isExpired = false;
    // The heartbeat is written also while the lock cannot be taken, since the runner is alive.
    if (!isHeld) await hold(client);
  } catch (error) {
    close((error as Error).message);
    // A runner that cannot register reports the reason and ends.
    if (!isRegistered && performance.now() > BEGIN_MS) throw error;
  }
  setTimeout(() => void beat(), BEAT_MS);
}

/** On a timer of its own: a heartbeat that waits for its answer must not delay the report that the lease has ended. */
function watchLease(): void {
  const silentMs = performance.now() - lastBeatMs;
  if (!isRegistered || isExpired || silentMs < EXPIRED_MS) return;
  isExpired = true;
  tell({ kind: 'expired', reason: `no heartbeat for ${Math.round(silentMs)} ms` });
}

function watchMainLoop(): void {
  const now = performance.now();
  const tick = Atomics.load(ticks, 0);
  if (tick !== lastTick) {
    lastTick = tick;
    lastTickMs = now;
  } else if (now - lastTickMs > STANDSTILL_MS) {
    const labels = { running, standstillMs: Math.round(now - lastTickMs) };
    const line = {
      'log.level': 'fatal',
      '@timestamp': new Date().toISOString(),
      message: 'main loop does not respond',
      labels,
    };
    writeSync(1, `${JSON.stringify(line)}\n`);
    process.kill(process.pid, 'SIGKILL');
  }
}

void beat();
setInterval(watchMainLoop, BEAT_MS);
setInterval(watchLease, BEAT_MS / 4);
