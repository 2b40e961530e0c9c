import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../src/places.js';

const up = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'tools/stack/up.mjs'), ...args], { encoding: 'utf8' });

test('an unknown command is an error that lists the known ones', () => {
  const { status, stderr } = up('nonsense');
  expect(status).toBe(1);
  expect(stderr).toMatch(/unknown command "nonsense": use one of start, stop, dev, test/);
});

test('a name that every object has is not a command', () => {
  expect(up('constructor').stderr).toMatch(/unknown command "constructor"/);
});
