import { type KeyObject, createPrivateKey, createPublicKey } from 'node:crypto';

const KEY_BYTES = 32;
/** PKCS #8 around the seed of an Ed25519 key. Source: RFC 8410, section 7. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The public keys of services, by the service's name: several while a key is replaced. */
export type TrustedKeys = ReadonlyMap<string, readonly KeyObject[]>;

/** The private key with this seed: 32 random bytes as base64. @throws Error */
export function readSigningKey(seed: string): KeyObject {
  const bytes = Buffer.from(seed, 'base64');
  if (bytes.length !== KEY_BYTES)
    throw new Error('must be 32 bytes as base64, such as npx causeway signing-key makes');
  return createPrivateKey({ key: Buffer.concat([PKCS8, bytes]), format: 'der', type: 'pkcs8' });
}

/** The public key that belongs to a seed, as `readTrustedKeys` reads it. */
export function publicKeyOf(seed: string): string {
  return String(createPublicKey(readSigningKey(seed)).export({ format: 'jwk' }).x);
}

/** Public keys as `gateway=KEY,scheduler=KEY`; a service may stand there several times. @throws Error */
export function readTrustedKeys(text: string): TrustedKeys {
  const keys = new Map<string, KeyObject[]>();
  for (const part of text.split(',')) {
    const [, service = '', x = ''] = /^\s*([a-z][a-z-]*)=([\w-]+)\s*$/.exec(part) ?? [];
    if (service === '' || Buffer.from(x, 'base64url').length !== KEY_BYTES)
      throw new Error(
        'must be names of services with their public keys in base64url, as npx causeway signing-key shows them: gateway=KEY,scheduler=KEY',
      );
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    keys.set(service, [...(keys.get(service) ?? []), key]);
  }
  return keys;
}
