import { Client, type DatabaseError } from 'pg';
import { type MigrationList, withEngine } from './engine.js';
import { type MigrationStatus, readHistory } from './history.js';
import { type Migration, type Service, findServices, readMigrations } from './services.js';

export interface MigrateOptions {
  /** Address of a login that may create databases and roles. */
  readonly adminUrl: string;
  /** Created when it is absent. */
  readonly database: string;
  readonly servicesFolder: string;
  /** Names of the services to migrate. @default all */
  readonly services?: readonly string[];
  /** The password of a role, `<schema>` or `<schema>_owner`; set at each call. */
  readonly passwordOf: (role: string) => string;
  readonly say?: (line: string) => void;
}

export interface Migrated {
  /** Address of the database for each service (its folder's name), with the service's role and schema. */
  readonly urls: Readonly<Record<string, string>>;
  /** The migrations that this call applied. */
  readonly applied: readonly MigrationStatus[];
}

/**
 * Brings a database to this checkout's state: it creates the database and, for each service, a schema and two roles, and applies every
 * migration that is not applied yet. Calls for the same Postgres wait for each other.
 *
 * @throws Error that names the failed migration and has the database's message; nothing of that migration remains, and
 *         the next call tries it again
 */
export async function migrateAll(options: MigrateOptions): Promise<Migrated> {
  const services = findServices(options.servicesFolder, options.services);
  return withLock(options, async (admin) => {
    await ensureDatabase(admin, options.database);
    return withClient(databaseUrl(options.adminUrl, options.database), async (database) => {
      await ensureRoles(database, services, options);
      const applied: MigrationStatus[] = [];
      for (const service of services) applied.push(...(await applyPending(database, service, options)));
      return { urls: urlsOf(services, options), applied };
    });
  });
}

/** The state of every migration of this checkout; all are pending when the database does not exist. */
export async function readStatus(options: Omit<MigrateOptions, 'passwordOf'>): Promise<MigrationStatus[]> {
  const services = findServices(options.servicesFolder, options.services);
  const isThere = await withClient(options.adminUrl, (admin) => hasDatabase(admin, options.database));
  if (!isThere) return services.flatMap(allPending);
  return withClient(databaseUrl(options.adminUrl, options.database), async (database) => {
    const statuses: MigrationStatus[] = [];
    for (const service of services) statuses.push(...(await readHistory(database, service)).statuses);
    return statuses;
  });
}

function allPending(service: Service): MigrationStatus[] {
  return readMigrations(service).map(({ name }) => ({
    service: service.name,
    migration: name,
    state: 'pending',
  }));
}

/** Address of the database per service, for a database that is already migrated, or is a clone of a migrated one. */
export function urlsOf(
  services: readonly Service[],
  options: Omit<MigrateOptions, 'servicesFolder'>,
): Record<string, string> {
  return Object.fromEntries(
    services.map(({ name, schema }) => {
      const url = new URL(databaseUrl(options.adminUrl, options.database));
      url.username = schema;
      url.password = encodeURIComponent(options.passwordOf(schema));
      url.search = `?options=${encodeURIComponent(`-c search_path=${schema}`)}`;
      return [name, url.href];
    }),
  );
}

async function applyPending(
  database: Client,
  service: Service,
  options: MigrateOptions,
): Promise<MigrationStatus[]> {
  const { migrations, statuses } = await readHistory(database, service);
  const open = statuses.filter(({ state }) => state !== 'applied');
  if (open.length === 0) return [];
  const { hostname, port } = new URL(options.adminUrl);
  const connection = {
    host: hostname,
    port: Number(port || 5432),
    user: service.owner,
    password: options.passwordOf(service.owner),
    database: options.database,
    schema: service.schema,
  };
  options.say?.(`  ${service.name}: ${open.map(({ migration }) => migration).join(', ')}`);
  let refusal: DatabaseError | undefined;
  try {
    await withEngine(
      connection,
      (error) => (refusal = error),
      async (engine) => {
        // A failed or interrupted migration leaves only its record.
        const failed = open.filter(({ state }) => state === 'failed');
        for (const { migration } of failed)
          await engine.markMigrationRolledBack({ migrationName: migration });
        await engine.applyMigrations({ migrationsList: listOf(service, migrations), filters: NO_FILTERS });
      },
    );
  } catch (error) {
    throw refusal === undefined ? error : await explain(database, service, migrations, refusal);
  }
  // The record of migrations belongs to the owner's role; the service only checks that it is complete.
  await database.query(`revoke all on ${service.schema}._prisma_migrations from ${service.schema};
    grant select on ${service.schema}._prisma_migrations to ${service.schema}`);
  return open.map((status) => ({ ...status, state: 'applied' as const }));
}

const NO_FILTERS = { externalTables: [], externalEnums: [] };

function listOf(service: Service, migrations: readonly Migration[]): MigrationList {
  return {
    baseDir: service.migrationsFolder,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: script } },
    })),
  };
}

/** An error with the failed migration, its line, and the database's message. */
async function explain(
  database: Client,
  service: Service,
  migrations: readonly Migration[],
  refusal: DatabaseError,
): Promise<Error> {
  const { statuses } = await readHistory(database, service);
  const failed = statuses.find(({ state }) => state === 'failed')?.migration;
  const script = migrations.find(({ name }) => name === failed)?.script ?? '';
  const line =
    refusal.position === undefined
      ? ''
      : ` at line ${script.slice(0, Number(refusal.position)).split('\n').length}`;
  const more = [refusal.detail, refusal.hint]
    .filter((text) => text !== undefined)
    .map((text) => ` (${text})`);
  const what = `migration ${service.name}/${failed ?? ''} failed${line}: ${refusal.message}${more.join('')}`;
  return new Error(`${what}; nothing of it was applied: correct the file and migrate again`, {
    cause: refusal,
  });
}

async function ensureDatabase(admin: Client, name: string): Promise<void> {
  if (!(await hasDatabase(admin, name))) await admin.query(`create database ${admin.escapeIdentifier(name)}`);
}

async function hasDatabase(admin: Client, name: string): Promise<boolean> {
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
  return rowCount === 1;
}

/**
 * Each service gets a role that owns its schema and migrates it, and a role for the running service, which may read and write rows.
 * Its migrations revoke what the service may not do with a table of its own, such as changing an audit event.
 */
async function ensureRoles(
  database: Client,
  services: readonly Service[],
  options: MigrateOptions,
): Promise<void> {
  const name = database.escapeIdentifier(options.database);
  const statements = [`revoke all on database ${name} from public`];
  for (const { schema, owner } of services) {
    for (const role of [owner, schema]) {
      statements.push(
        `do $$ begin if not exists (select from pg_roles where rolname = '${role}') then create role ${role} login; end if; end $$`,
        `alter role ${role} password ${database.escapeLiteral(options.passwordOf(role))}`,
        `grant connect on database ${name} to ${role}`,
      );
    }
    statements.push(
      // Only a member of a role, or a superuser, can give a schema to that role.
      `grant ${owner} to current_user`,
      `create schema if not exists ${schema} authorization ${owner}`,
      `grant usage on schema ${schema} to ${schema}`,
      `alter default privileges for role ${owner} in schema ${schema} grant select, insert, update, delete on tables to ${schema}`,
      `alter default privileges for role ${owner} in schema ${schema} grant usage, select on sequences to ${schema}`,
    );
  }
  await database.query(statements.join(';\n'));
  // Without it the search for words in the audit log reads all events of its range.
  if (services.some(({ name: service }) => service === 'audit'))
    await database.query(`do $$ begin create extension if not exists pg_trgm;
      exception when undefined_file or feature_not_supported or insufficient_privilege or invalid_schema_name then
        raise notice 'pg_trgm cannot be created: %', sqlerrm; end $$`);
}

async function withLock<T>(options: MigrateOptions, act: (admin: Client) => Promise<T>): Promise<T> {
  return withClient(options.adminUrl, async (admin) => {
    const key = `hashtextextended('causeway migrations', 0)`;
    const { rows } = await admin.query<{ locked: boolean }>(`select pg_try_advisory_lock(${key}) as locked`);
    if (!rows[0]?.locked) {
      options.say?.('  waiting for another migration to finish …');
      await admin.query(`select pg_advisory_lock(${key})`);
    }
    return act(admin);
  });
}

async function withClient<T>(connectionString: string, act: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString, application_name: 'causeway migrate' });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

function databaseUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}
