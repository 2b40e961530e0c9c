import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openHome } from './home.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-home-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('homes of a checkout share compiled code and nothing else', () => {
  const [one, other] = ['one', 'other'].map((name) => Object.entries(openHome(join(folder, name))));
  const places = new Map(other);
  const shared = one?.filter(([name, place]) => typeof place === 'string' && places.get(name) === place);
  expect(shared?.map(([name]) => name)).toEqual(['compileCache']);
});
