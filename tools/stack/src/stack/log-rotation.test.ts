import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { logLimitOf, rotateWhileRunning } from './log-rotation.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-logs-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a log that grows while its program runs is rotated again and again, and continues', async () => {
  const file = join(folder, 'gateway.log');
  const log = openSync(file, 'a');
  const end = rotateWhileRunning(folder, 1_000, 5);
  try {
    for (let round = 1; round <= 3; round += 1) {
      writeSync(log, `${round} `.repeat(600));
      await vi.waitUntil(() => statSync(file).size === 0, { timeout: 60_000 });
      expect(readFileSync(`${file}.1`, 'utf8')).toBe(`${round} `.repeat(600));
    }
    writeSync(log, 'goes on');
    expect(readFileSync(file, 'utf8')).toBe('goes on');
    expect(readdirSync(folder).toSorted()).toEqual(['gateway.log', 'gateway.log.1']);
  } finally {
    end();
    closeSync(log);
  }
});

test('CAUSEWAY_LOG_BYTES sets the size, and an invalid value stops the start', () => {
  expect(logLimitOf({})).toBe(20 * 1024 ** 2);
  expect(logLimitOf({ CAUSEWAY_LOG_BYTES: '5000000' })).toBe(5_000_000);
  for (const wrong of ['20 MB', '0', '-1', '1e99', '1000'])
    expect(() => logLimitOf({ CAUSEWAY_LOG_BYTES: wrong }), wrong).toThrow(/^CAUSEWAY_LOG_BYTES is/);
});
