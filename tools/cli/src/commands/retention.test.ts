import { afterEach, expect, test, vi } from 'vitest';
import type { Api } from '../api.js';
import { Output } from '../output.js';
import { retention } from './retention.js';

afterEach(() => vi.restoreAllMocks());

test('the plan names each kind with its time, what is due and its setting', async () => {
  const asked: string[] = [];
  const kinds = [
    {
      kind: 'runs',
      setting: 'CAUSEWAY_RUN_DAYS',
      keepDays: 30,
      rows: 12,
      bytes: 2_345_678,
      oldest: '2026-10-01T00:00:00.000Z',
    },
    { kind: 'files', setting: 'CAUSEWAY_FILE_DAYS', keepDays: 0, rows: 0, bytes: 0, oldest: null },
    { kind: 'runners', setting: null, keepDays: 1, rows: 0, bytes: 0, oldest: null },
  ];
  const api = {
    json: async (method: string, path: string) => {
      asked.push(`${method} ${path}`);
      return { kinds };
    },
  } as unknown as Api;
  let shown = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((shown += String(text)), true));
  expect(await retention(api, new Output(false))).toBe(0);
  expect(asked).toEqual(['GET /api/platform/v1/retention']);
  expect(shown).toMatch(/runs\s+30\s+12\s+2\.3 MB\s+2026-10-01T00:00:00\.000Z\s+CAUSEWAY_RUN_DAYS/);
  expect(shown).toMatch(/files\s+until deleted\s+0\s+0 B\s+–\s+CAUSEWAY_FILE_DAYS/);
  expect(shown).toMatch(/runners\s+1\s+0\s+0 B\s+–\s+fixed/);
});
