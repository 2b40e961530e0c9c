import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrateAll } from '@causeway/migrate';
import { ROOT, openHome, startPostgres } from '@causeway/stack';
import { type RunDatabase, openRunDatabase } from './run-database.js';

/**
 * Measures whether many stored runs make the statements of one run slower, and the size of the database after a month with retention. Run by hand:
 * `node tools/bench/dist/many-runs.js --few 10000 --many 500000`. It works on a Postgres of its own, which it removes.
 */
const { values } = parseArgs({
  options: { few: { type: 'string', default: '10000' }, many: { type: 'string', default: '500000' } },
});
const [few, many] = [Number(values.few), Number(values.many)];
if (!(few > 0) || !(many > few)) throw new Error('--few and --many take numbers, the second one larger');

/** Bytes of a filled run in Postgres, with its indexes. */
const BYTES_PER_RUN = 3_300;
const DAYS = 30;
/** Logins belong to the whole server, so both databases have the same. */
const seed = randomBytes(8).toString('hex');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

const needed = (few + many * 1.3) * BYTES_PER_RUN;
const disk = statfsSync(tmpdir());
say(`about ${megabytes(needed)} on disk, ${megabytes(disk.bavail * disk.bsize)} are free`);
if (needed > 6e9 || needed > (disk.bavail * disk.bsize) / 2)
  throw new Error('that is too much for this disk: take a smaller --many');

const folder = mkdtempSync(join(tmpdir(), 'causeway-many-runs-'));
const home = openHome(folder, true);
const server = await startPostgres({
  folder: home.postgresFolder,
  logFile: join(home.logs, 'postgres.log'),
  password: home.secrets.postgresPassword,
  isThrowaway: true,
});
try {
  const [small, large] = [await open('few'), await open('many')];
  for (const [database, runs] of [
    [small, few],
    [large, many],
  ] as const) {
    const startedMs = performance.now();
    await database.fill(runs, DAYS);
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
    say(`${runs} runs of ${DAYS} days: ${megabytes(await database.bytes())}, filled in ${seconds} s`);
  }
  await compare(small, large);
  await month(large, many / DAYS);
  await small.close();
  await large.close();
} catch (error) {
  process.stderr.write(`${String((error as Error).stack)}\n`);
  process.exitCode = 1;
} finally {
  await server.stop();
  for (const one of [home.postgresFolder, folder]) rmSync(one, { recursive: true, force: true });
}
process.exit();

async function open(name: string): Promise<RunDatabase> {
  const { urls } = await migrateAll({
    adminUrl: server.url,
    database: `bench_${name}`,
    servicesFolder: join(ROOT, 'services'),
    services: ['scheduler', 'executor'],
    passwordOf: (role) => `${role}-${seed}`,
  });
  const admin = new URL(server.url);
  admin.pathname = `/bench_${name}`;
  return openRunDatabase({
    admin: admin.href,
    scheduler: urls['scheduler'] as string,
    executor: urls['executor'] as string,
  });
}

/** Executes each act in both databases in turns, so that other work on the machine affects both. */
async function compare(small: RunDatabase, large: RunDatabase): Promise<void> {
  for (let n = 0; n < 40; n++) for (const database of [small, large]) await database.runOne();
  const figures = new Map<RunDatabase, Map<string, number[]>>([
    [small, new Map()],
    [large, new Map()],
  ]);
  for (let n = 0; n < 400; n++)
    for (const database of n % 2 === 0 ? [small, large] : [large, small])
      for (const [act, ms] of Object.entries(await database.runOne())) {
        const all = figures.get(database) as Map<string, number[]>;
        all.set(act, [...(all.get(act) ?? []), ms]);
      }
  say(`\nmedian ms of 400  ${few} runs  ${many} runs  ratio`);
  for (const [act, times] of figures.get(small) as Map<string, number[]>) {
    const [one, other] = [median(times), median(figures.get(large)?.get(act) ?? [])];
    say(
      `${act.padEnd(20)}${one.toFixed(2).padStart(8)}${other.toFixed(2).padStart(13)}${(other / one).toFixed(2).padStart(9)}`,
    );
  }
}

/** For each day it adds the runs of a day, and removes those that are older than the kept days. */
async function month(database: RunDatabase, runsPerDay: number): Promise<void> {
  const before = await database.bytes();
  say(
    `\na month of ${Math.round(runsPerDay)} runs a day, kept for ${DAYS} days: ${megabytes(before)} at its start`,
  );
  let [removed, batches, slowestMs] = [0, 0, 0];
  const startedMs = performance.now();
  let removingMs = 0;
  for (let day = 1; day <= DAYS; day++) {
    await database.addDay(day, runsPerDay);
    for (;;) {
      const batchMs = performance.now();
      const rows = await database.removeOlderThan(day, 500);
      const tookMs = performance.now() - batchMs;
      removingMs += tookMs;
      if (rows === 0) break;
      removed += rows;
      batches += 1;
      slowestMs = Math.max(slowestMs, tookMs);
    }
    await database.vacuum();
    if (day % 10 === 0)
      say(`day ${day}: ${megabytes(await database.bytes())}, ${await database.count()} runs`);
  }
  const after = await database.bytes();
  say(
    `${removed} runs removed in ${batches} batches of ${(removingMs / batches).toFixed(0)} ms, the slowest ${slowestMs.toFixed(0)} ms; ` +
      `the month took ${((performance.now() - startedMs) / 1_000).toFixed(0)} s; size after it ${(after / before).toFixed(2)} times the size before`,
  );
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}
