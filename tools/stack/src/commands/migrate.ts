import { join, relative } from 'node:path';
import { draftMigration, migrateAll, readStatus } from '@causeway/migrate';
import { chosenHomeFolder, openHome } from '../home.js';
import { DATABASE, rolePassword } from '../roles.js';
import { ROOT } from '../places.js';
import { claimHome, clearRunning, readRunning } from '../running.js';
import { startPostgresOnly } from '../servers/start-servers.js';

const USAGE = 'usage: npm run migrate -- new SERVICE NAME | apply | status';
const servicesFolder = join(ROOT, 'services');
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** `npm run migrate -- …`. @returns the exit code */
export async function runMigrate([action, ...args]: readonly string[]): Promise<number> {
  switch (action) {
    case 'new': {
      const [service, name] = args;
      if (service === undefined || name === undefined) break;
      const folder = await draftMigration(servicesFolder, service, name, new Date());
      say(
        `wrote ${relative(ROOT, folder)}/migration.sql; add what Prisma cannot express, then run: npm run migrate -- apply`,
      );
      return 0;
    }
    case 'apply':
      return onPostgres(async (adminUrl, passwordOf) => {
        const { applied } = await migrateAll({
          adminUrl,
          database: DATABASE,
          servicesFolder,
          passwordOf,
          say,
        });
        say(`${applied.length} migrations applied`);
        return 0;
      });
    case 'status':
      return onPostgres(async (adminUrl) => {
        const statuses = await readStatus({ adminUrl, database: DATABASE, servicesFolder });
        for (const { service, migration, state } of statuses)
          say(`${state.padEnd(8)} ${service}/${migration}`);
        return statuses.every(({ state }) => state === 'applied') ? 0 : 1;
      });
  }
  process.stderr.write(`${USAGE}\n`);
  return 2;
}

/** Uses the Postgres of the running copy, or else starts one for this command. */
async function onPostgres(
  act: (adminUrl: string, passwordOf: (role: string) => string) => Promise<number>,
): Promise<number> {
  const home = openHome(chosenHomeFolder());
  const passwordOf = (role: string): string => rolePassword(home.secrets, role);
  const running = readRunning(home);
  if (running && !running.postgresUrl)
    throw new Error('Causeway is still starting: try again when it is ready');
  if (running?.postgresUrl) return act(running.postgresUrl, passwordOf);
  await claimHome(home);
  try {
    const postgres = await startPostgresOnly(home);
    return await act(postgres.url, passwordOf).finally(() => postgres.stop());
  } finally {
    clearRunning(home);
  }
}
