import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** A service that has a database schema. */
export interface Service {
  /** The folder's name: `flow-registry`. */
  readonly name: string;
  /** The database schema, and the role of the running service: `flow_registry`. */
  readonly schema: string;
  /** The role that migrates: `flow_registry_owner`. */
  readonly owner: string;
  readonly schemaFile: string;
  readonly migrationsFolder: string;
}

/** One `prisma/migrations/<time>_<name>/migration.sql`. */
export interface Migration {
  readonly name: string;
  readonly script: string;
  /** SHA-256, as the engine records it. */
  readonly checksum: string;
}

/**
 * The services below a folder that have a `prisma/schema.prisma`, by name.
 *
 * @param only  names of the wanted ones @default all
 */
export function findServices(servicesFolder: string, only?: readonly string[]): Service[] {
  if (!existsSync(servicesFolder)) return [];
  return readdirSync(servicesFolder)
    .filter((name) => only?.includes(name) ?? true)
    .filter((name) => existsSync(join(servicesFolder, name, 'prisma/schema.prisma')))
    .toSorted()
    .map((name) => serviceAt(join(servicesFolder, name), name));
}

function serviceAt(folder: string, name: string): Service {
  const schema = name.replaceAll('-', '_');
  return {
    name,
    schema,
    owner: `${schema}_owner`,
    schemaFile: join(folder, 'prisma/schema.prisma'),
    migrationsFolder: join(folder, 'prisma/migrations'),
  };
}

/**
 * A service's migrations, oldest first.
 *
 * @throws Error for a script that ends its own transaction: a migration is applied entirely or not at all
 */
export function readMigrations({ name, migrationsFolder }: Service): Migration[] {
  if (!existsSync(migrationsFolder)) return [];
  return readdirSync(migrationsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
    .map((migration) => {
      const file = join(migrationsFolder, migration, 'migration.sql');
      if (!existsSync(file)) throw new Error(`${file} is missing: write it, or remove its folder`);
      const script = readFileSync(file, 'utf8');
      if (/^\s*(begin|commit|rollback|start\s+transaction)\b[^;]*;/im.test(withoutBodies(script))) {
        throw new Error(
          `${name}/${migration} begins or ends a transaction: remove that, each migration runs in one of its own`,
        );
      }
      return { name: migration, script, checksum: createHash('sha256').update(script).digest('hex') };
    });
}

/** A script without the bodies of its functions, whose BEGIN does not begin a transaction. */
function withoutBodies(script: string): string {
  return script.replaceAll(/(\$\w*\$).*?\1/gs, '');
}
