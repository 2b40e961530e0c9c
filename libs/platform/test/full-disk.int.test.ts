import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_SMALL_DISK, mountSmallDisk, testNats, testPostgres, waitFor } from '@causeway/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sayText } from './echo/contracts.js';
import { type EchoDatabase, createEchoDatabase } from './echo-database.js';
import { startBus } from './embedded-bus.js';
import { type Line, buildPrograms, startProgram } from './programs.js';

const disk = mountSmallDisk();
const nats = await testNats();
let database: EchoDatabase;
beforeAll(async () => {
  buildPrograms();
  database = await createEchoDatabase(await testPostgres());
});
afterAll(async () => {
  disk?.unmount();
  await database.drop();
});

test('a service whose log has no room goes on, counts what it dropped, and can be stopped', async (context) => {
  if (!disk) return context.skip(NO_SMALL_DISK);
  const file = join(disk.folder, 'echo.log');
  const log = openSync(file, 'a');
  const environment = {
    CAUSEWAY_NATS_URL: nats.url,
    CAUSEWAY_DATABASE_URL: database.url,
    CAUSEWAY_ECHO_NAME: 'echo',
  };
  const echo = startProgram('echo/main', environment, log);
  const { bus, service } = await startBus(nats.url);
  const lines = (): Line[] =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  const dropped = async (): Promise<number> => {
    const { text } = await echo.internal('/metrics');
    return Number(/^causeway_log_lines_dropped_total\{.*\} (\d+)$/m.exec(text)?.[1]);
  };
  const crash = (): Promise<unknown> => bus.request(sayText, { text: 'x', mode: 'crash' }).catch(() => {});
  try {
    await echo.ready();
    expect(await dropped()).toBe(0);

    disk.fillUp('filler');
    await waitFor(
      async () => {
        await Promise.all(Array.from({ length: 200 }, crash));
        return (await dropped()) > 0;
      },
      { what: 'dropped lines' },
    );
    expect(await bus.request(sayText, { text: 'still here', mode: 'say' })).toMatchObject({
      text: 'still here',
      pid: echo.pid,
    });

    disk.free('filler');
    await waitFor(() => lines().some(({ message }) => message === 'log lines dropped'), {
      what: 'the count of the dropped lines',
    });
    const told = lines().find(({ message }) => message === 'log lines dropped');
    expect(told).toMatchObject({ 'log.level': 'warn', labels: { lines: await dropped() } });

    disk.fillUp('filler');
    await crash();
    expect(await echo.stop()).toBe(0);
  } finally {
    echo.child.kill('SIGKILL');
    await service.drain('the test is over');
    closeSync(log);
  }
});
