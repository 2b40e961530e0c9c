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
}, 60_000);
