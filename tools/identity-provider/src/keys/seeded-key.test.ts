import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { seededKey } from './seeded-key.js';

test.each(['RS256', 'ES256'] as const)('a key of %s signs, and follows from its seed', (algorithm) => {
  const jwk = seededKey(algorithm, 'seed');
  expect(seededKey(algorithm, 'seed')).toEqual(jwk);
  expect(seededKey(algorithm, 'other').x ?? seededKey(algorithm, 'other').n).not.toBe(jwk.x ?? jwk.n);

  // jose and node:crypto have two types for the same thing.
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
  const { kty, n, e, crv, x, y } = jwk;
  const publicJwk = kty === 'RSA' ? { kty, n, e } : { kty, crv, x, y };
  const published = createPublicKey({ key: publicJwk, format: 'jwk' });
  const data = Buffer.from('signed');
  expect(verify('sha256', data, published, sign('sha256', data, key))).toBe(true);
  expect(key.asymmetricKeyDetails).toMatchObject(
    algorithm === 'RS256' ? { modulusLength: 2048, publicExponent: 65_537n } : { namedCurve: 'prime256v1' },
  );
});
