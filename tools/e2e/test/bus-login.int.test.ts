import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestBus } from '@causeway/platform/testing';
import { findOrInstall, startNats } from '@causeway/stack';
import { expect, test } from 'vitest';

test('a process whose NATS login may not receive replies does not start, and the error says what the login needs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-nats-'));
  const program = (await findOrInstall(['nats-server'], () => {})).get('nats-server');
  if (!program) throw new Error('nats-server not found');
  const login = { user: 'tester', password: 'own', publish: ['req.>'], subscribe: ['_INBOX.>'] };
  const logFile = join(folder, 'nats.log');
  const nats = await startNats({ program, folder, logFile, password: 'all', logins: [login] });
  try {
    const url = new URL(nats.url);
    [url.username, url.password] = [login.user, login.password];
    await expect(startTestBus(url.href)).rejects.toThrow(
      /tester listen to its own replies \(_INBOX_TESTER\.>\)/,
    );
  } finally {
    await nats.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
