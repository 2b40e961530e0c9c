import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { findOrInstall } from './debian.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-debian-'));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('packages are installed once another process no longer holds the lock of apt', async () => {
  const server = join(folder, 'causeway-no-such-server');
  const apt = `#!/bin/sh
if [ ! -e '${folder}/asked' ]; then
  touch '${folder}/asked'
  echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)' >&2
  exit 100
fi
printf '#!/bin/sh\\n' > '${server}'
chmod 755 '${server}'
`;
  writeFileSync(join(folder, 'apt-get'), apt, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH']}`);
  const found = await findOrInstall(['causeway-no-such-server'], () => {});
  expect(found.get('causeway-no-such-server')?.command).toBe(server);
});
