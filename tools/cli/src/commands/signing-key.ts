import { generateKeyPairSync } from 'node:crypto';
import type { Output } from '../output.js';

/** Makes the key with which a service signs its messages, and its public key; needs no server. */
export function makeSigningKey(service: string, output: Output): number {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const signingKey = Buffer.from(d, 'base64url').toString('base64');
  output.result({ service, signingKey, publicKey: x }, () =>
    [`CAUSEWAY_SIGNING_KEY=${signingKey}`, `${service}=${x}`].join('\n'),
  );
  output.progress(
    `the first line is the secret of ${service} alone; add the second to CAUSEWAY_TRUSTED_KEYS of every service`,
  );
  return 0;
}
