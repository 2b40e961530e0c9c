import { permissions } from '@causeway/contracts';
import { afterEach, expect, test, vi } from 'vitest';
import { createKey, deleteKey, listKeys } from '../src/commands/keys.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';
import { openSite } from './site.js';

afterEach(() => vi.restoreAllMocks());

test('a new key is the only text on stdout', async () => {
  const site = await openSite({
    'POST /api/v1/api_key/': (response) => response.end(JSON.stringify({ id: 'k', api_key: 'cw-secret' })),
  });
  const shown = captureOutput();
  await createKey(site.api, 'name', {}, new Output(false));
  expect(shown).toEqual({ out: 'cw-secret\n', err: 'the key is shown only this once: keep it\n' });
  site.close();
});

test('keys are listed with their permissions', async () => {
  const key = { id: 'k', name: 'n', api_key: 'cw-1…', expires_at: null, last_used_at: null, total_uses: 2 };
  const keys = [
    { ...key, permissions },
    { ...key, permissions: ['flow:run', 'run:read'] },
  ];
  const site = await openSite({
    'GET /api/v1/api_key/': (response) => response.end(JSON.stringify({ api_keys: keys })),
  });
  const shown = captureOutput();
  await listKeys(site.api, new Output(false));
  expect(shown.out).toBe(
    `id  name  key    expires  last used  uses  permissions
k   n     cw-1…  never    never      2     all
k   n     cw-1…  never    never      2     flow:run,run:read
`,
  );
  site.close();
});

test.each([
  [{ detail: 'API Key deleted', revoked: 1 }, 'is revoked\n'],
  [{ detail: 'API Key deleted', revoked: 2 }, 'is revoked, and with it 1 key that was made with it\n'],
  [{ detail: 'API Key deleted', revoked: 3 }, 'is revoked, and with it 2 keys that were made with it\n'],
  [{ detail: 'API Key deleted' }, 'is revoked\n'],
])('revoking a key answered with %j says how many others are revoked', async (answer, told) => {
  const id = '01a22860-93d4-7602-a67b-5b5d8f2ee0ff';
  const site = await openSite({
    [`DELETE /api/v1/api_key/${id}`]: (response) => response.end(JSON.stringify(answer)),
  });
  const shown = captureOutput();
  await deleteKey(site.api, id, new Output(false));
  expect(shown.out).toBe(`key ${id} ${told}`);
  site.close();
});
