import { existsSync, readdirSync } from 'node:fs';
import { waitAtMost } from '../context/wait-at-most.js';
import type { Database } from '../database/database.js';
import type { Bus } from '../messaging/bus/bus.js';
import type { Lifecycle } from './lifecycle.js';

const CHECK_TIMEOUT_MS = 1_800;

export interface Readiness {
  readonly ready: boolean;
  /** For each check: `ok`, or the problem. */
  readonly checks: Readonly<Record<string, string>>;
}

export interface ReadinessParts {
  readonly bus: Bus;
  readonly database: Database | undefined;
  readonly lifecycle: Lifecycle;
  /** Names of the migrations that this build needs. */
  readonly migrations: readonly string[];
  /** False until the service takes messages. */
  readonly isStarted: () => boolean;
}

/** Whether this process can do its work now. */
export async function checkReadiness(parts: ReadinessParts): Promise<Readiness> {
  const { bus, database, lifecycle, migrations, isStarted } = parts;
  const checks: Record<string, Promise<string | undefined>> = {
    started: Promise.resolve(isStarted() ? undefined : 'the process is starting'),
    draining: Promise.resolve(lifecycle.isDraining ? 'the process is stopping' : undefined),
    bus: Promise.resolve(bus.isConnected ? undefined : 'NATS is not connected'),
  };
  if (database) {
    checks['database'] = database.query('select 1').then(() => undefined);
    if (migrations.length > 0) checks['migrations'] = checkMigrations(database, migrations);
  }
  for (const [name, check] of lifecycle.checks) checks[name] = check();
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, (await settled(check)) ?? 'ok'] as const),
  );
  return { ready: results.every(([, result]) => result === 'ok'), checks: Object.fromEntries(results) };
}

/** Names of the migrations in a service's folder; none when there is no such folder. */
export function readMigrationNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

async function checkMigrations(database: Database, needed: readonly string[]): Promise<string | undefined> {
  const { rows } = await database.query<{ migration_name: string; is_finished: boolean }>(
    `select migration_name, finished_at is not null as is_finished
       from _prisma_migrations where rolled_back_at is null`,
  );
  const unfinished = rows.filter((row) => !row.is_finished).map((row) => row.migration_name);
  if (unfinished.length > 0)
    return `not finished: ${unfinished.join(', ')}; look at it, then run: npm run migrate`;
  const applied = new Set(rows.map((row) => row.migration_name));
  const missing = needed.filter((name) => !applied.has(name));
  return missing.length > 0 ? `not applied: ${missing.join(', ')}; run: npm run migrate` : undefined;
}

async function settled(check: Promise<string | undefined>): Promise<string | undefined> {
  try {
    const found = await waitAtMost(
      check.then((problem) => ({ problem })),
      CHECK_TIMEOUT_MS,
    );
    return found ? found.problem : `no answer within ${CHECK_TIMEOUT_MS} ms`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
