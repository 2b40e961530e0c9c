import { beforeEach, expect, test } from 'vitest';
import { MemoryWatch } from './memory-watch.js';

const MIB = 1024 ** 2;
const stopped: { code: string; message: string }[] = [];
const run = {
  runId: 'a-run',
  claimed: { envelope: { limits: { memoryBytes: 100 * MIB } } },
  stop: (reason: { code: string; message: string }) => stopped.push(reason),
};
const runs = { size: 0, alone: undefined as typeof run | undefined };
const watch = new MemoryWatch(runs as never, { memoryLimitMb: 1_000 } as never);

beforeEach(() => {
  stopped.length = 0;
  Object.assign(runs, { size: 0, alone: undefined });
  watch.look(80 * MIB);
});

test('a run that is alone and uses more than it may ends, and its error names the setting', () => {
  Object.assign(runs, { size: 1, alone: run });
  watch.look(180 * MIB);
  expect(stopped).toEqual([]);
  watch.look(181 * MIB);
  expect(stopped).toMatchObject([{ code: 'LIMIT_MEMORY' }]);
  expect(stopped[0]?.message).toContain('CAUSEWAY_RUN_MEMORY_BYTES is 104857600');
});

test('a run that is alone ends before its runner is ended', () => {
  const large = { ...run, claimed: { envelope: { limits: { memoryBytes: 4_000 * MIB } } } };
  Object.assign(runs, { size: 1, alone: large });
  watch.look(901 * MIB);
  expect(stopped[0]?.message).toContain('CAUSEWAY_MEMORY_LIMIT_MB');
});

test('no run ends when there are several, since memory is known only for the process', () => {
  Object.assign(runs, { size: 2 });
  watch.look(999 * MIB);
  expect(stopped).toEqual([]);
});
