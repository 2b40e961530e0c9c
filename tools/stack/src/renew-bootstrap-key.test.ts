import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openHome } from './home.js';
import { renewBootstrapKey } from './renew-bootstrap-key.js';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-renew-'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

test('the copy has another key from then on, and all its other secrets', () => {
  const folder = newFolder();
  const { apiKey: former, ...others } = openHome(folder).secrets;
  const { key } = renewBootstrapKey(folder);
  expect(key).toMatch(/^cw-[0-9a-f]{48}$/);
  expect(key).not.toBe(former);
  expect(openHome(folder).secrets).toEqual({ ...others, apiKey: key });
  expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
});

test('nothing is made where no copy was, or where the key comes from the environment', () => {
  const folder = newFolder();
  expect(() => renewBootstrapKey(join(folder, 'none'))).toThrow(/there is no copy in the private folder/);
  const { secrets } = openHome(folder);
  vi.stubEnv('CAUSEWAY_BOOTSTRAP_API_KEY', 'sk-from-the-environment');
  expect(() => renewBootstrapKey(folder)).toThrow(/takes its key from CAUSEWAY_BOOTSTRAP_API_KEY/);
  expect(openHome(folder).secrets).toEqual(secrets);
});
