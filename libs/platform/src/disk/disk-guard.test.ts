import { NO_SMALL_DISK, mountSmallDisk, waitFor } from '@causeway/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { log, tapLog } from '../logging/log.js';
import { scrapeMetrics } from '../telemetry/metrics.js';
import { DiskGuard } from './disk-guard.js';

const disk = mountSmallDisk();
afterAll(() => disk?.unmount());

const lines: { message: string; 'log.level': string; labels: Record<string, unknown> }[] = [];
const untap = tapLog((line) => lines.push(JSON.parse(line)));
beforeAll(() => void (log.level = 'info'));
afterAll(() => {
  log.level = 'silent';
  untap();
});

const LIMITS = { warnPercent: 85, refusePercent: 95, lookMs: 50 };

test('a filling disk causes one warning, then new work is refused, and accepted again when there is room', async (context) => {
  if (!disk) return context.skip(NO_SMALL_DISK);
  const { folder } = disk;
  const guard = new DiskGuard({ paths: [folder], ...LIMITS });
  const ended = new AbortController();
  await guard.start(ended.signal);
  const ratio = async (): Promise<number> => {
    const line = (await scrapeMetrics({})).split('\n').find((one) => one.includes(`path="${folder}"`)) ?? '';
    expect(line).toMatch(/^causeway_disk_used_ratio\{/);
    return Number(line.split(' ').at(-1));
  };
  try {
    expect(guard.refusal()).toBeUndefined();
    expect(await ratio()).toBeLessThan(0.01);

    disk.fill('some', 57);
    await waitFor(() => lines.length > 0, { what: 'the warning' });
    expect(lines).toMatchObject([
      {
        message: 'disk nearly full',
        'log.level': 'warn',
        labels: { path: folder, usedPercent: 89, warnPercent: 85, refusePercent: 95 },
      },
    ]);
    expect(await ratio()).toBeCloseTo(57 / 64, 2);
    expect(guard.refusal()).toBeUndefined();
    // The disk fills further within the same level, so no new line is logged.
    disk.fill('a little more', 1);
    await waitFor(async () => (await ratio()) > 57.5 / 64, { what: 'another look' });
    expect(lines).toHaveLength(1);

    disk.fill('more', 5);
    await waitFor(() => guard.refusal(), { what: 'the refusal' });
    expect(lines.at(-1)).toMatchObject({
      message: 'disk full',
      'log.level': 'error',
      labels: { path: folder, refused: 'new runs, uploads and flows' },
    });
    expect(() => guard.check()).toThrow(
      `The disk of ${folder} is 98 % full; from 95 % on (CAUSEWAY_DISK_REFUSE_PERCENT) nothing new is accepted`,
    );

    disk.free('more');
    await waitFor(() => !guard.refusal(), { what: 'room' });
    expect(lines.at(-1)).toMatchObject({ message: 'disk nearly full' });
    disk.free('some');
    disk.free('a little more');
    await waitFor(() => lines.at(-1)?.message === 'disk has room again', { what: 'the end of the warning' });
    expect(lines.map(({ message }) => message)).toEqual([
      'disk nearly full',
      'disk full',
      'disk nearly full',
      'disk has room again',
    ]);
  } finally {
    ended.abort();
  }
});

test('a path that does not exist yet is on the disk of its parent', async (context) => {
  if (!disk) return context.skip(NO_SMALL_DISK);
  disk.fill('all', 62);
  const guard = new DiskGuard({ paths: [`${disk.folder}/objects`], ...LIMITS });
  const ended = new AbortController();
  await guard.start(ended.signal);
  ended.abort();
  disk.free('all');
  expect(guard.refusal()).toMatchObject({ code: 'DISK_FULL', details: { path: `${disk.folder}/objects` } });
});
