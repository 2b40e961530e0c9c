import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
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

test('a folder that is deleted while its programs run ends nothing, and is looked at again when it is back', async () => {
  const gone = join(folder, 'gone');
  mkdirSync(gone);
  const errors: unknown[] = [];
  const note = (error: unknown): void => void errors.push(error);
  process.on('uncaughtException', note);
  const end = rotateWhileRunning(gone, 1_000, 5);
  try {
    rmSync(gone, { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    mkdirSync(gone);
    const file = join(gone, 'gateway.log');
    writeFileSync(file, 'x'.repeat(2_000));
    await vi.waitUntil(() => statSync(file).size === 0, { timeout: 60_000 });
    expect(errors).toEqual([]);
  } finally {
    end();
    process.off('uncaughtException', note);
  }
});

test('CAUSEWAY_LOG_BYTES sets the size, and an invalid value stops the start', () => {
  expect(logLimitOf({})).toBe(20 * 1024 ** 2);
  expect(logLimitOf({ CAUSEWAY_LOG_BYTES: '5000000' })).toBe(5_000_000);
  for (const wrong of ['20 MB', '0', '-1', '1e99', '1000'])
    expect(() => logLimitOf({ CAUSEWAY_LOG_BYTES: wrong }), wrong).toThrow(/^CAUSEWAY_LOG_BYTES is/);
});
