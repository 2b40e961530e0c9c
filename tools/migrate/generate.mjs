// Writes a service's Prisma client to src/store/generated. Run by Nx in the service's folder, before its build.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const schema = 'prisma/schema.prisma';
if (existsSync(schema)) {
  // The client needs no engine, but `prisma generate` downloads one unless the path of a binary is set.
  // // With /bin/false any use of it fails clearly; with /bin/true a use would seem to succeed.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/false', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
  const { status } = spawnSync('prisma', ['generate', '--schema', schema, '--no-hints'], {
    env,
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}
