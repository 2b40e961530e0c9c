import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ensureOwnCertificate } from './own-certificate.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-cert-'));
afterAll(() => rmSync(folder, { recursive: true }));
const DAY_MS = 86_400_000;

test('a certificate for this machine is made once, private, and replaced before it ends', async () => {
  const { certFile, keyFile } = await ensureOwnCertificate(folder, '127.0.0.1');
  expect([certFile, keyFile].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  const first = readFileSync(certFile, 'utf8');
  const certificate = new X509Certificate(first);
  expect(certificate.ca).toBe(false);
  expect(['127.0.0.1', '::1'].map((address) => certificate.checkIP(address))).toEqual(['127.0.0.1', '::1']);
  const lasts = (Date.parse(certificate.validTo) - Date.now()) / DAY_MS;
  expect(Math.round(lasts)).toBe(397);

  await ensureOwnCertificate(folder, '0.0.0.0', new Date(Date.now() + 366 * DAY_MS));
  expect(readFileSync(certFile, 'utf8')).toBe(first);
  await ensureOwnCertificate(folder, '127.0.0.1', new Date(Date.now() + 368 * DAY_MS));
  const second = readFileSync(certFile, 'utf8');
  expect(second).not.toBe(first);
  expect(new X509Certificate(second).publicKey.equals(certificate.publicKey)).toBe(false);

  await ensureOwnCertificate(folder, '192.0.2.7');
  expect(new X509Certificate(readFileSync(certFile)).checkIP('192.0.2.7')).toBe('192.0.2.7');
});
