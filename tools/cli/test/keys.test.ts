import { afterEach, expect, test, vi } from 'vitest';
import { createKey } from '../src/commands/keys.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';
import { openSite } from './site.js';

afterEach(() => vi.restoreAllMocks());

test('a new key stands alone on stdout', async () => {
  const site = await openSite({
    'POST /api/v1/api_key/': (response) => response.end(JSON.stringify({ id: 'k', api_key: 'cw-secret' })),
  });
  const shown = captureOutput();
  await createKey(site.api, 'name', {}, new Output(false));
  expect(shown).toEqual({ out: 'cw-secret\n', err: 'shown once: keep it\n' });
  site.close();
});
