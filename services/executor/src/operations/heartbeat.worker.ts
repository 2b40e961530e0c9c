import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { Client } from 'pg';
import { heartbeatSql, holdLifeLockSql, registerExecutorSql } from '../store/executor.sql.js';
import type { RunnerKind } from './runner-identity.js';

/** What the thread is given. */
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

/** What the thread tells the main loop. */
export type HeartbeatNews =
  { readonly kind: 'held' } | { readonly kind: 'lost' | 'expired' | 'dead'; readonly reason: string };

const BEAT_MS = 1_000;
const STATEMENT_MS = 3_000;
/** Silent for so long, this runner may be found dead before it notices: what it runs is stopped a little earlier. */
const EXPIRED_MS = 13_000;
const STANDSTILL_MS = 10_000;

const work = workerData as HeartbeatWork;
const ticks = new Int32Array(work.ticks);
let running: unknown = [];
let client: Client | undefined;
let isRegistered = false;
let lastBeatMs = performance.now();
let isExpired = false;
let lastTick = 0;
let lastTickMs = performance.now();

parentPort?.on('message', (described: unknown) => (running = described));

function tell(news: HeartbeatNews): void {
  parentPort?.postMessage(news);
}

async function open(): Promise<Client> {
  const opened = new Client({
    connectionString: work.databaseUrl,
    application_name: `executor ${work.runner.kind} heartbeat`,
    connectionTimeoutMillis: STATEMENT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS,
    keepAlive: true,
  });
  opened.on('error', (error) => close(error.message));
  await opened.connect();
  const { id, kind, host, pid, engineVersion } = work.runner;
  await opened.query(holdLifeLockSql, [id]);
  if (!isRegistered) await opened.query(registerExecutorSql, [id, kind, host, pid, engineVersion]);
  isRegistered = true;
  return opened;
}

function close(reason: string): void {
  if (!client) return;
  const closing = client;
  client = undefined;
  closing.end().catch(() => {});
  tell({ kind: 'lost', reason });
}

async function beat(): Promise<void> {
  try {
    if (!client) {
      client = await open();
      tell({ kind: 'held' });
    }
    const { rowCount } = await client.query(heartbeatSql, [work.runner.id]);
    if (rowCount === 0) tell({ kind: 'dead', reason: 'another executor has found this runner dead' });
    lastBeatMs = performance.now();
    isExpired = false;
  } catch (error) {
    close((error as Error).message);
    // A runner that cannot even begin says why and ends.
    if (!isRegistered) throw error;
    const silentMs = performance.now() - lastBeatMs;
    if (silentMs > EXPIRED_MS && !isExpired) {
      isExpired = true;
      tell({ kind: 'expired', reason: `no heartbeat for ${Math.round(silentMs)} ms` });
    }
  }
  setTimeout(() => void beat(), BEAT_MS);
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
      message: 'main loop stands still',
      labels,
    };
    writeSync(1, `${JSON.stringify(line)}\n`);
    process.kill(process.pid, 'SIGKILL');
  }
}

void beat();
setInterval(watchMainLoop, BEAT_MS);
