import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { CallRecord } from '@causeway/scripted-provider';
import { type Causeway, createCauseway } from '@causeway/stack';
import { aFlow, waitFor } from '@causeway/testing';
import { Client } from 'pg';
import { keepBusy } from './busy-cores.js';
import { type Target, faults } from './fault-kinds.js';

/**
 * Measures how long runs take that a fault hits, and runs that begin after it. Run it by hand; it starts a stack of its own:
 * `node tools/e2e/dist/faults.js [--only runner] [--rounds 2] [--busy 2] [--keep]`. Compare its figures with the round without a fault, since other work on
 * the machine slows both.
 */
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    /** So many cores are kept busy by other threads. */
    busy: { type: 'string', default: '0' },
    keep: { type: 'boolean', default: false },
  },
});

/** Time of each model call; a run makes three. */
const CALL_MS = 1_000;
const EVERY_MS = 300;
const BEFORE_MS = 5_000;
const AFTER_MS = 8_000;

interface RunTimes {
  readonly submittedMs: number;
  readonly claimedMs: number | null;
  readonly finishedMs: number | null;
  readonly status: string;
}

/** The figures of one round. */
interface Round {
  readonly fault: string;
  readonly runs: number;
  readonly hit: number;
  /** Seconds from the fault to the end of the last run that it hit. */
  readonly settledS: number;
  /** The longest time from a submit after the fault to its claim. */
  readonly startS: number;
  readonly p50S: number;
  readonly p99S: number;
  readonly repeated: number;
  readonly flagged: number;
  readonly notSucceeded: number;
  /** Answers of submits that were not accepted, such as `503 ×3`. */
  readonly refusals: string;
}

const home = mkdtempSync(join(tmpdir(), 'causeway-faults-'));
let started: Causeway | undefined;
let flowId = '';
let endBusy = async (): Promise<void> => {};

async function start(): Promise<number> {
  let postgresMs = 0;
  started = await createCauseway({
    home,
    port: 0,
    scripted: true,
    say: (line) => {
      if (line.startsWith('Postgres')) postgresMs = Date.now();
    },
  });
  started.scriptedProvider?.setScript([{ reply: { delayMs: CALL_MS } }]);
  return postgresMs;
}

function stack(): Causeway {
  if (!started) throw new Error('nothing is started');
  return started;
}

async function ask(path: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(`${stack().url}${path}`, {
    method: 'POST',
    headers: { 'x-api-key': stack().apiKey, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`);
  return response.json();
}

async function sql<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const address = new URL(stack().servers.postgres.url);
  address.pathname = '/causeway';
  const client = new Client({ connectionString: address.href });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

async function findRunner(kind: 'shared' | 'standby'): Promise<number> {
  return waitFor(
    async () => {
      const runnersSql = 'SELECT pid FROM executor.executor WHERE kind = $1 AND ended_at IS NULL';
      return (await sql<{ pid: number }>(runnersSql, [kind]))[0]?.pid;
    },
    { timeoutMs: 60_000, what: `a ${kind} runner` },
  );
}

/** Memory of a process: its own, and its part of the shared memory. */
function memoryOf(pid: number): string {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mb = (name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024);
  return `PSS ${mb('Pss')} MB, RSS ${mb('Rss')} MB`;
}

const target: Target = { stack, findRunner, sql, start };

/** Submits runs one after the other without waiting for them, until `stop`. */
function load(runIds: string[], refusals: string[], marker: string): { stop: () => Promise<void> } {
  let isOn = true;
  const underWay: Promise<void>[] = [];
  const submit = async (n: number): Promise<void> => {
    // Submits that fail are left out, because only accepted runs are measured.
    const answer = await ask(
      `/api/v1/run/${flowId}`,
      { input_value: `${marker}-${n}-end` },
      { prefer: 'respond-async', 'idempotency-key': randomUUID() },
    ).catch((error: unknown) => {
      refusals.push(refusalOf(error));
      return undefined;
    });
    const id = (answer as { run_id?: string; id?: string } | undefined)?.run_id;
    if (id !== undefined) runIds.push(id);
  };
  const going = (async () => {
    for (let n = 0; isOn; n++) {
      underWay.push(submit(n));
      await pause(EVERY_MS);
    }
  })();
  return {
    stop: async () => {
      isOn = false;
      await going;
      await Promise.all(underWay);
    },
  };
}

async function play(fault: string): Promise<Round> {
  const marker = randomUUID();
  const runIds: string[] = [];
  const calls: CallRecord[] = [];
  const keepCalls = (): void => void calls.push(...(stack().scriptedProvider?.calls() ?? []));
  const refusals: string[] = [];
  const submitting = load(runIds, refusals, marker);
  await pause(BEFORE_MS);
  keepCalls();
  const struckAtMs = Date.now();
  const faultMs = (await faults[fault]?.(target)) ?? struckAtMs;
  await pause(AFTER_MS);
  await submitting.stop();
  const times = await waitFor(async () => allOver(runIds), {
    timeoutMs: 180_000,
    everyMs: 100,
    what: 'the end of all runs',
  });
  keepCalls();
  const hit = times.filter(
    ({ submittedMs, finishedMs }) => submittedMs < struckAtMs && Number(finishedMs) > struckAtMs,
  );
  const after = times.filter(({ submittedMs }) => submittedMs >= faultMs);
  const durations = times
    .map(({ submittedMs, finishedMs }) => Number(finishedMs) - submittedMs)
    .toSorted((a, b) => a - b);
  const at = (part: number): number => seconds(durations[Math.floor((durations.length - 1) * part)] ?? 0);
  const flaggedSql = `SELECT count(*)::int AS n FROM executor.step_result WHERE run_id = ANY($1) AND possibly_paid_twice`;
  const [flagged] = await sql<{ n: number }>(flaggedSql, [runIds]);
  return {
    fault,
    runs: times.length,
    hit: hit.length,
    settledS: seconds(Math.max(0, ...hit.map(({ finishedMs }) => Number(finishedMs) - faultMs))),
    startS: seconds(
      Math.max(0, ...after.map(({ submittedMs, claimedMs }) => Number(claimedMs) - submittedMs)),
    ),
    p50S: at(0.5),
    p99S: at(0.99),
    repeated: repeats(calls, marker),
    flagged: flagged?.n ?? 0,
    notSucceeded: times.filter(({ status }) => status !== 'succeeded').length,
    refusals: counted(refusals),
  };
}

async function allOver(runIds: readonly string[]): Promise<RunTimes[] | undefined> {
  const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;
  const rows = await sql<RunTimes>(
    `SELECT ${ms('r.submitted_at')} AS "submittedMs", ${ms('e.claimed_at')} AS "claimedMs", ${ms('e.finished_at')} AS "finishedMs",
            coalesce(e.status, r.status) AS status
     FROM scheduler.run r LEFT JOIN executor.execution e ON e.run_id = r.id WHERE r.id = ANY($1)`,
    [runIds],
  );
  return rows.every(({ finishedMs }) => finishedMs !== null) ? rows : undefined;
}

/** Calls that were made again: the same request of the same run. */
function repeats(calls: readonly CallRecord[], marker: string): number {
  const known = new Map(calls.map((call) => [`${call.arrivedAtMs} ${JSON.stringify(call.messages)}`, call]));
  const asked = [...known.values()]
    .map(({ messages }) => JSON.stringify(messages))
    .filter((text) => text.includes(marker));
  return asked.length - new Set(asked).size;
}

/** The status of an answer, or a word for no answer. */
function refusalOf(error: unknown): string {
  return / answers (\d{3})/.exec(String(error))?.[1] ?? 'no answer';
}

function counted(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${word} ×${count}`).join(', ');
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

try {
  await start();
  const flow = aFlow().chatInput().model().model().model().chatOutput().build();
  flowId = ((await ask('/api/v1/flows/', flow)) as { id: string }).id;
  const chosen = Object.keys(faults).filter(
    (name) => name === 'none' || options.only === undefined || name.includes(options.only),
  );
  process.stdout.write(`standby: ${memoryOf(await findRunner('standby'))}\n`);
  const rounds: Round[] = [];
  endBusy = keepBusy(Number(options.busy));
  for (let round = 0; round < Number(options.rounds); round++)
    for (const fault of chosen) {
      // Waits until there is a standby again before the next fault.
      await pause(5_000);
      await findRunner('standby');
      rounds.push(await play(fault));
      process.stdout.write(`${JSON.stringify(rounds.at(-1))}\n`);
    }
  console.table(rounds);
} finally {
  await endBusy();
  await started?.stop();
  if (options.keep) process.stdout.write(`logs: ${join(home, 'logs')}\n`);
  else rmSync(home, { recursive: true, force: true });
}
