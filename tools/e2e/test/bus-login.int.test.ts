import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { keyChanged, verifyKey } from '@causeway/contracts';
import { log } from '@causeway/platform';
import { startTestBus } from '@causeway/platform/testing';
import { findOrInstall, startNats } from '@causeway/stack';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';

afterEach(() => vi.restoreAllMocks());

/** The address of a NATS server for a login that may listen to these subjects. */
async function natsFor(subscribe: string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-nats-'));
  const program = (await findOrInstall(['nats-server'], () => {})).get('nats-server');
  if (!program) throw new Error('nats-server not found');
  const login = { user: 'tester', password: 'own', publish: ['req.>'], subscribe };
  const logFile = join(folder, 'nats.log');
  const nats = await startNats({ program, folder, logFile, password: 'all', logins: [login] });
  onTestFinished(async () => {
    await nats.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const url = new URL(nats.url);
  [url.username, url.password] = [login.user, login.password];
  return url.href;
}

test('a process whose NATS login may not receive replies does not start, and the error says what the login needs', async () => {
  await expect(startTestBus(await natsFor(['_INBOX.>']))).rejects.toThrow(
    /tester listen to its own replies \(_INBOX_TESTER\.>\)/,
  );
});

test('N49: messages that a NATS login may not send have a few lines in the log, and the others are counted', async () => {
  const { bus, close } = await startTestBus(await natsFor(['_INBOX_TESTER.>']));
  const told = vi.spyOn(log, 'error');
  const tenant = { organisationId: crypto.randomUUID(), teamId: crypto.randomUUID() };
  for (let n = 0; n < 40; n++) bus.publish(keyChanged, { ...tenant, keyId: crypto.randomUUID() });
  // The server answers what it refuses before what comes later.
  await expect(bus.request(verifyKey, { keyHash: '0'.repeat(64) })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
  await nextTurn();
  await close();
  const lines = told.mock.calls.map(([fields, message]) => ({ ...(fields as object), message }));
  expect(lines.filter(({ message }) => message === 'nats refused a message')).toHaveLength(5);
  expect(lines.filter(({ message }) => message === 'nats refused messages')).toEqual([
    { operation: 'publish', subject: keyChanged.subject, count: 35, message: 'nats refused messages' },
  ]);
});
