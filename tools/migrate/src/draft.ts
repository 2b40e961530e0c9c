import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SchemaEngine, openOfflineEngine } from './engine.js';
import { type Service, findServices } from './services.js';

/** The schema after all migrations so far; the next one is drafted as the difference from it. */
const SNAPSHOT = 'schema.snapshot.prisma';

/** The first draft starts from a schema without models, and not from nothing, so that it does not create the schema itself. */
const NO_MODELS = 'datasource db {\n  provider = "postgresql"\n}\n';

const EMPTY = '-- Nothing changed in schema.prisma: add here what it cannot express.\n';

/**
 * Writes `migrations/<time>_<name>/migration.sql` with the change of a service's `schema.prisma` since its last
 * migration, and the new snapshot. If nothing changed, the file is to be written by hand.
 *
 * @param now  names the folder, in UTC to the second
 * @returns    the folder's path
 * @throws     Error for an unknown service, an unusable name or a schema that does not parse
 */
export async function draftMigration(
  servicesFolder: string,
  serviceName: string,
  name: string,
  now: Date,
): Promise<string> {
  const services = findServices(servicesFolder);
  const service = services.find((candidate) => candidate.name === serviceName);
  if (!service) {
    throw new Error(
      `no service "${serviceName}" with a prisma/schema.prisma: there are ${services.map((each) => each.name).join(', ')}`,
    );
  }
  if (!/^[a-z0-9][a-z0-9_]*$/.test(name)) {
    throw new Error(`"${name}" cannot name a migration: use small letters, digits and underscores`);
  }
  const engine = await openOfflineEngine();
  const script = await diff(engine, service);
  const time = now.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  const folder = join(service.migrationsFolder, `${time}_${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'migration.sql'), script ?? EMPTY);
  writeFileSync(join(service.migrationsFolder, SNAPSHOT), readFileSync(service.schemaFile));
  return folder;
}

/** Names of services whose `schema.prisma` has changes without a migration. */
export async function findUndrafted(servicesFolder: string): Promise<string[]> {
  const services = findServices(servicesFolder).filter(
    (service) => readSnapshot(service) !== readFileSync(service.schemaFile, 'utf8'),
  );
  if (services.length === 0) return [];
  const engine = await openOfflineEngine();
  const names: string[] = [];
  for (const service of services) {
    if ((await diff(engine, service)) !== undefined) names.push(service.name);
  }
  return names;
}

/** SQL that changes the snapshot's schema to the current one; undefined when they are equivalent. */
async function diff(engine: SchemaEngine, service: Service): Promise<string | undefined> {
  const target = (content: string): { files: { path: string; content: string }[]; configDir: string } => ({
    files: [{ path: service.schemaFile, content }],
    configDir: service.migrationsFolder,
  });
  const { exitCode, stdout } = await engine.diff({
    from: { tag: 'schemaDatamodel', ...target(readSnapshot(service) ?? NO_MODELS) },
    to: { tag: 'schemaDatamodel', ...target(readFileSync(service.schemaFile, 'utf8')) },
    script: true,
    exitCode: true,
    filters: { externalTables: [], externalEnums: [] },
  });
  return exitCode === 2 ? (stdout ?? '') : undefined;
}

function readSnapshot(service: Service): string | undefined {
  const file = join(service.migrationsFolder, SNAPSHOT);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
