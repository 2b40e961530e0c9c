import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_SMALL_DISK, mountSmallDisk, waitFor } from '@causeway/testing';
import { afterAll, expect, test } from 'vitest';
import { LogOutput } from './log-output.js';

const disk = mountSmallDisk();
afterAll(() => disk?.unmount());

const lineOf = (n: number): string => `${JSON.stringify({ n, filler: 'x'.repeat(490) })}\n`;

test('on a full disk lines wait, are dropped above four megabytes, and every one is written whole or counted', async (context) => {
  if (!disk) return context.skip(NO_SMALL_DISK);
  const file = join(disk.folder, 'a.log');
  const fd = openSync(file, 'a');
  const told: number[] = [];
  const output = new LogOutput(fd, (lines) => {
    told.push(lines);
    // As the log does.
    output.write(lineOf(20_000));
  });
  const written = (): number[] =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { n: number }).n);
  output.write(lineOf(0));
  await waitFor(() => readFileSync(file, 'utf8') === lineOf(0), { what: 'the first line' });

  disk.fillUp('filler');
  for (let n = 1; n < 20_000; n++) output.write(lineOf(n));
  expect(output.dropped).toBeGreaterThan(10_000);
  expect(told).toEqual([]);

  disk.free('filler');
  await waitFor(() => told.length > 0, { what: 'room' });
  expect(told).toEqual([output.dropped]);
  const kept = 20_000 - output.dropped;
  await waitFor(() => readFileSync(file, 'utf8').endsWith(lineOf(20_000)), { what: 'what has waited' });
  expect(written()).toEqual([...Array.from({ length: kept }, (_, n) => n), 20_000]);

  // What comes now is not dropped.
  output.write(lineOf(20_001));
  await waitFor(() => readFileSync(file, 'utf8').endsWith(lineOf(20_001)), { what: 'a later line' });
  expect(told).toHaveLength(1);
  closeSync(fd);
});

test('what waits at the end of a process is written if it can be, else the end does not wait for it', async (context) => {
  if (!disk) return context.skip(NO_SMALL_DISK);
  const file = join(disk.folder, 'b.log');
  const fd = openSync(file, 'a');
  const output = new LogOutput(fd, () => {});
  disk.fillUp('filler');
  output.write(lineOf(1));
  output.write(lineOf(2));
  output.flushSync();
  expect(readFileSync(file, 'utf8')).toBe('');

  disk.free('filler');
  output.write(lineOf(3));
  output.write(lineOf(4));
  output.flushSync();
  await waitFor(() => readFileSync(file, 'utf8').includes(lineOf(4)), { what: 'the last line' });
  closeSync(fd);
});
