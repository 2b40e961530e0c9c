import { globSync, readFileSync } from 'node:fs';
import type { Finding } from './rules.js';

/** One `migration.sql`. */
export interface MigrationFile {
  readonly path: string;
  readonly text: string;
}

/** Changes that break a build which runs beside the new one during an update. */
const breaking: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'drops a column', pattern: /\bDROP\s+COLUMN\b/i },
  { what: 'drops a table', pattern: /^\s*DROP\s+TABLE\b/im },
  { what: 'renames a column or table', pattern: /\bRENAME\s+(COLUMN|TO)\b/i },
  { what: 'makes a column NOT NULL', pattern: /\bSET\s+NOT\s+NULL\b/i },
  {
    what: 'adds a column that is NOT NULL and has no default',
    pattern: /\bADD\s+COLUMN\b(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT\s+NULL\b/i,
  },
];

/** Written before the first release, when an update still stopped all services. */
const beforeTheFirstRelease: readonly string[] = [
  'services/executor/prisma/migrations/20261128234500_quarantine_groups/migration.sql',
  'services/flow-registry/prisma/migrations/20261128225935_compiled_plan/migration.sql',
  'services/scheduler/prisma/migrations/20261124132134_fair_slots/migration.sql',
];

/**
 * A migration that takes away what the previous build uses has a line `-- unused since NAME`: the earlier migration of the same service
 * with which the builds began that do without it.
 */
export function checkMigrations(files: readonly MigrationFile[]): Finding[] {
  return files.flatMap(({ path, text }) => {
    if (beforeTheFirstRelease.includes(path)) return [];
    const statements = text.replaceAll(/--.*$/gm, '');
    const found = breaking.filter(({ pattern }) => pattern.test(statements));
    const [, since] = /^-- unused since (\S+)/m.exec(text) ?? [];
    const folder = path.split('/').slice(0, -2).join('/');
    const isEarlier = files.some(
      (other) => other.path === `${folder}/${since}/migration.sql` && other.path < path,
    );
    if (isEarlier) return [];
    return found.map(({ what }) => ({
      path,
      line: 1,
      message: `${what}, which breaks the build that runs beside the new one: do it in a later release, with a line "-- unused since NAME" that names the earlier migration of this service since which no build uses it`,
    }));
  });
}

/** The migrations of all services. */
export function readMigrationFiles(root: string): MigrationFile[] {
  return globSync('services/*/prisma/migrations/*/migration.sql', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }));
}
