import { existsSync, readFileSync } from 'node:fs';
import { freezeProcess, waitFor } from '@causeway/testing';
import { expect, test } from 'vitest';
import { end, surroundings } from './surroundings.js';

const { startExecutor, output } = await surroundings();

/** Lines of the log at these levels, by their event. */
const linesAt = (...levels: string[]): string[] =>
  output.text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { 'log.level': string; message: string })
    .filter((line) => levels.includes(line['log.level']))
    .map(({ message }) => message);

test('an executor that is told to stop while its standby is still starting ends without a warning', async () => {
  const executor = await startExecutor({ CAUSEWAY_LOG_LEVEL: 'info', CAUSEWAY_STANDBY_RUNNERS: '1' });
  expect(await end(executor)).toBe(0);
  expect(linesAt('info')).toContain('runner ended');
  expect(linesAt('warn', 'error', 'fatal')).toEqual([]);
});

/** The runners of an executor, oldest first. */
function runnersOf(executorPid: number): { readonly pid: number; readonly isStandby: boolean }[] {
  return readFileSync(`/proc/${executorPid}/task/${executorPid}/children`, 'utf8')
    .split(' ')
    .map(Number)
    .filter((pid) => pid > 0)
    .map((pid) => ({ pid, isStandby: readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0standby\0') }));
}

/**
 * A standby of an executor, as soon as its process exists. On a busy machine the first runner may seem frozen before there is a standby:
 * then a second one is started to take runs, and one of the two becomes the standby. That one is ended, so that another starts.
 */
function startingStandby(executorPid: number): number | undefined {
  const [, second, ...more] = runnersOf(executorPid);
  if (second && !second.isStandby && more.length === 0) process.kill(second.pid, 'SIGKILL');
  return [second, ...more].find((runner) => runner?.isStandby)?.pid;
}

test('a standby that is still starting does not hold up the end of its executor', async () => {
  const executor = await startExecutor({ CAUSEWAY_LOG_LEVEL: 'info', CAUSEWAY_STANDBY_RUNNERS: '1' });
  const waiting = { timeoutMs: 100_000, what: 'a process of the standby' };
  const pid = await waitFor(() => startingStandby(executor.pid ?? 0), waiting);
  // From now on it gets no further.
  await freezeProcess(pid);
  const before = linesAt('warn', 'error', 'fatal').length;
  expect(await end(executor)).toBe(0);
  expect(linesAt('warn', 'error', 'fatal').slice(before)).toEqual([]);
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});
