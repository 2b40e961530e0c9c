import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCauseway } from '@causeway/stack';
import { afterAll, expect, test } from 'vitest';
import { Api } from './support/api.js';
import { echoFlow } from './support/flows.js';

const home = mkdtempSync(join(tmpdir(), 'causeway-e2e-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Lines of all services' logs at these levels: when, which service, its event. */
function linesAt(...levels: string[]): { at: number; text: string }[] {
  const logs = join(home, 'logs');
  return readdirSync(logs)
    .flatMap((file) => readFileSync(join(logs, file), 'utf8').split('\n'))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, string>)
    .filter((line) => levels.includes(line['log.level'] ?? ''))
    .map((line) => ({
      at: Date.parse(line['@timestamp'] ?? ''),
      text: `${line['service.name']}: ${line['message']} ${line['error.message'] ?? ''}`,
    }));
}

test('a start, a run and a stop of everything write no error, and the stop no warning either', async () => {
  const causeway = await createCauseway({ home, isThrowaway: true, port: 0, scripted: true });
  let stopMs = 0;
  try {
    const api = new Api(causeway.url, causeway.apiKey);
    const { id } = await api.importFlow(echoFlow());
    expect((await api.run(id, { input_value: 'x' })).status).toBe(200);
  } finally {
    stopMs = Date.now();
    await causeway.stop();
  }
  expect(linesAt('info').filter(({ text }) => text.startsWith('executor: runner ended'))).not.toEqual([]);
  expect(linesAt('error', 'fatal')).toEqual([]);
  // Before that, services that start side by side on a busy machine wait for each other, and say so.
  expect(linesAt('warn').filter(({ at }) => at >= stopMs)).toEqual([]);
}, 180_000);
