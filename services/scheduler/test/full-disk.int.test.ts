import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { submitRun } from '@causeway/contracts';
import { bootService } from '@causeway/platform/testing';
import { testDatabase, testNats, waitFor } from '@causeway/testing';
import { afterAll, expect, test, vi } from 'vitest';
import { aRequest } from './a-submission.js';
import { startRegistry } from './registry.js';

vi.setConfig({ testTimeout: 60_000 });

const MEGABYTE = 1024 * 1024;

/** A disk of 64 MB in memory; undefined where the test may not mount one. */
function mountSmallDisk(): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'causeway-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

const disk = mountSmallDisk();
afterAll(() => {
  if (disk === undefined) return;
  execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true });
});

test.skipIf(disk === undefined)(
  'a disk that fills is warned of, then no new run is taken while accepted ones are found (needs root, to mount a small disk)',
  async () => {
    const folder = disk as string;
    const database = await testDatabase({ services: ['scheduler'] });
    const nats = await testNats();
    await startRegistry(nats.url);
    const scheduler = await bootService(new URL('../dist/main.js', import.meta.url), {
      CAUSEWAY_NATS_URL: nats.url,
      CAUSEWAY_DATABASE_URL: database.urls['scheduler'] as string,
      CAUSEWAY_DISK_PATHS: folder,
      CAUSEWAY_DISK_LOOK_MS: '50',
    });
    const { bus } = scheduler;
    const logged = (event: string): Promise<unknown> =>
      waitFor(() => scheduler.lines.some((line) => line.includes(event)), { what: event });
    const submit = (key: string) =>
      bus.request(submitRun, { ...aRequest({}), idempotencyKey: key, inputHash: 'h' });
    try {
      const first = await submit('first');

      writeFileSync(join(folder, 'some'), Buffer.alloc(57 * MEGABYTE));
      await logged('disk nearly full');
      await submit('second');

      writeFileSync(join(folder, 'more'), Buffer.alloc(5 * MEGABYTE));
      await logged('disk full, new runs and uploads are refused');
      const refused = submit('third');
      await expect(refused).rejects.toMatchObject({
        code: 'DISK_FULL',
        details: { path: folder, limitName: 'CAUSEWAY_DISK_REFUSE_PERCENT', limitPercent: 95 },
      });
      await expect(refused).rejects.toThrow(
        /^The disk of \S+ is 9\d % full, and nothing new is taken from 95 % on \(CAUSEWAY_DISK_REFUSE_PERCENT\)/,
      );
      expect(await submit('first')).toMatchObject({ runId: first.runId, replayed: true });

      rmSync(join(folder, 'more'));
      rmSync(join(folder, 'some'));
      await logged('disk has room again');
      await submit('third');
    } finally {
      await scheduler.close();
    }
  },
);
