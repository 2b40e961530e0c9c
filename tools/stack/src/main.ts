import { runTests } from './checks/test.js';
import { checkKeycloak } from './checks/keycloak.js';
import { checkS3 } from './checks/s3.js';
import { checkScim } from './checks/scim.js';
import { verify } from './checks/verify.js';
import { runMigrate } from './commands/migrate.js';
import { start, supervise } from './commands/start.js';
import { stop } from './commands/stop.js';
import { dev } from './commands/dev.js';

const [command, ...args] = process.argv.slice(2);

/** Each returns the exit code. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  start,
  supervise,
  stop,
  dev,
  test: runTests,
  verify,
  'check:s3': checkS3,
  'check:keycloak': checkKeycloak,
  'check:scim': checkScim,
  migrate: runMigrate,
};

// Lines that cannot be written, for example on a full disk, are lost; the platform continues.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  const run = commands[command ?? ''];
  if (!run) throw new Error(`unknown command "${command ?? ''}"`);
  process.exitCode = await run(args);
} catch (error) {
  process.stderr.write(`causeway: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
// Timers of libraries (the schema engine's, a driver's) must not delay the end of a finished command.
process.exit();
