// Writes a service's Prisma client to src/store/generated. Run by Nx in the service's folder, before its build.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const schema = 'prisma/schema.prisma';
if (existsSync(schema)) {
  // The client needs no engine, yet `prisma generate` fetches one unless it is told of a binary.
  // /bin/false makes any use of it fail loudly; /bin/true would let it pass having done nothing.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/false', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
  const { status } = spawnSync('prisma', ['generate', '--schema', schema, '--no-hints'], {
    env,
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}
