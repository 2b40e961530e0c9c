import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrateAll } from '@causeway/migrate';
import { ROOT, openHome, startPostgres } from '@causeway/stack';
import { type AuditDatabase, openAuditDatabase } from './audit-database.js';

/**
 * Measures the audit log with many events: the newest page of each filter, words, a deep page, a count, and how many events a second are
 * appended with their chain, exported and verified. Run by hand: `node tools/bench/dist/audit-log.js --events 10000000`. It works on a Postgres of its
 * own, which it removes.
 */
const { values } = parseArgs({ options: { events: { type: 'string', default: '10000000' } } });
const events = Number(values.events);
if (!(events >= 1_000)) throw new Error('--events takes a number, 1000 at least');

const MONTHS = 12;
/** Bytes of an event in Postgres, with its seal and all indexes. */
const BYTES_PER_EVENT = 1_900;
const REPEATS = 15;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

const disk = statfsSync(tmpdir());
const free = disk.bavail * disk.bsize;
say(`about ${gigabytes(events * BYTES_PER_EVENT)} on disk, ${gigabytes(free)} are free`);
if (events * BYTES_PER_EVENT > free / 2)
  throw new Error('that is too much for this disk: take fewer --events');

const folder = mkdtempSync(join(tmpdir(), 'causeway-audit-log-'));
const home = openHome(folder, true);
const server = await startPostgres({
  folder: home.postgresFolder,
  logFile: join(home.logs, 'postgres.log'),
  password: home.secrets.postgresPassword,
  isThrowaway: true,
});
try {
  const seed = randomBytes(8).toString('hex');
  const { urls } = await migrateAll({
    adminUrl: server.url,
    database: 'audit_log',
    servicesFolder: join(ROOT, 'services'),
    services: ['audit'],
    passwordOf: (role) => `${role}-${seed}`,
  });
  const adminUrl = new URL(server.url);
  adminUrl.pathname = '/audit_log';
  const database = await openAuditDatabase({
    admin: adminUrl.href,
    audit: urls['audit'] as string,
    objects: home.objects,
  });
  const startedMs = performance.now();
  await database.fill(events, MONTHS);
  const seconds = (performance.now() - startedMs) / 1_000;
  say(
    `${events} events of ${MONTHS} months: ${gigabytes(await database.bytes())}, filled in ${seconds.toFixed(0)} s`,
  );
  await measurePages(database);
  await measureRates(database);
  await database.close();
} catch (error) {
  process.stderr.write(`${String((error as Error).stack)}\n`);
  process.exitCode = 1;
} finally {
  await server.stop();
  for (const one of [home.postgresFolder, home.folder]) rmSync(one, { recursive: true, force: true });
}

/** The slowest and the median of some repeats, after a first one that warms the caches. */
async function measurePages(database: AuditDatabase): Promise<void> {
  say('\nnewest page of 51, the last 30 days (warm)            first ms   median ms   slowest ms   events');
  for (const [name, ask] of database.questions()) {
    const took: number[] = [];
    let found = 0;
    for (let time = 0; time <= REPEATS; time += 1) {
      const beforeMs = performance.now();
      found = await ask();
      took.push(performance.now() - beforeMs);
    }
    const [first = 0, ...warm] = took;
    const sorted = warm.toSorted((a, b) => a - b);
    const cells = [first, sorted[sorted.length >> 1] ?? 0, sorted.at(-1) ?? 0].map((ms) =>
      ms.toFixed(1).padStart(10),
    );
    say(`${name.padEnd(50)} ${cells.join('  ')} ${String(found).padStart(10)}`);
  }
}

async function measureRates(database: AuditDatabase): Promise<void> {
  say('');
  for (const batch of [20, 100, 500]) {
    const rate = await database.appendRate(randomUUID(), batch);
    say(`appended with chain, batches of ${batch}, one sender: ${rate.toFixed(0)} events/s`);
  }
  for (const [name, { exported, verified, proven }] of await database.exportRates())
    say(
      `${name}: exported ${exported.toFixed(0)} events/s, verified ${verified.toFixed(0)} events/s, ${proven ? 'proven' : 'NOT PROVEN'}`,
    );
}
