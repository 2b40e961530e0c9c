import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Home, openHome } from '../home.js';
import { claimHome, writeRunning } from '../running.js';
import { start } from './start.js';

let home: Home;
let shown: string;
beforeEach(async () => {
  home = openHome(mkdtempSync(join(tmpdir(), 'causeway-start-')));
  vi.stubEnv('CAUSEWAY_HOME', home.folder);
  await claimHome(home);
  writeRunning(home, { processes: [], url: 'http://127.0.0.1:1' });
  shown = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((shown += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.removeAllListeners(signal);
  rmSync(home.folder, { recursive: true });
});

test('a copy that runs is not reset', async () => {
  await expect(start(['--reset'])).rejects.toThrow(
    /runs at .* nothing was reset: stop it first with npm stop/,
  );
  expect(existsSync(join(home.folder, 'secrets.json'))).toBe(true);
});

test.each([[[]], [['--detach']]])('a second start %j tells where the first one runs', async (args) => {
  expect(await start(args)).toBe(0);
  expect(shown).toBe(`URL   http://127.0.0.1:1\nKey   ${home.secrets.apiKey}\nHome  ${home.folder}\n`);
});

test('--help lists the options and starts nothing', async () => {
  expect(await start(['--help'])).toBe(0);
  for (const option of ['--detach', '--json', '--reset']) expect(shown).toContain(option);
});
