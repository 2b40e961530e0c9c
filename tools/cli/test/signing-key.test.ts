import { createPrivateKey } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { makeSigningKey } from '../src/commands/signing-key.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';

afterEach(() => vi.restoreAllMocks());

test('a signing key is printed as the settings take it, with the public key that belongs to it', () => {
  const shown = captureOutput();
  expect(makeSigningKey('auth', new Output(false))).toBe(0);
  const [, seed = '', service, x] =
    /^CAUSEWAY_SIGNING_KEY=(\S{43}=)\n(auth)=([\w-]{43})\n$/.exec(shown.out) ?? [];
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  const key = createPrivateKey({
    key: Buffer.concat([prefix, Buffer.from(seed, 'base64')]),
    format: 'der',
    type: 'pkcs8',
  });
  expect([service, key.export({ format: 'jwk' }).x]).toEqual(['auth', x]);
});

test('each one is another', () => {
  const shown = captureOutput();
  makeSigningKey('auth', new Output(true));
  makeSigningKey('auth', new Output(true));
  expect(new Set(shown.out.trim().split('\n')).size).toBe(2);
});
