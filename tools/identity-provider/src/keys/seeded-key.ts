import { checkPrimeSync, createECDH, hkdfSync } from 'node:crypto';
import type { JWK } from 'jose';

const RSA_EXPONENT = 65_537n;
const PRIME_BYTES = 128;
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * A private key that depends only on the seed: RSA with 2048 bits for RS256, P-256 for ES256. Anyone who knows the seed
 * knows the key, so that such a key protects nothing outside tests and demos.
 */
export function seededKey(algorithm: 'RS256' | 'ES256', seed: string): JWK {
  return algorithm === 'RS256' ? rsaKey(seed) : ecKey(seed);
}

function rsaKey(seed: string): JWK {
  const p = prime(seed, 'p');
  const q = prime(seed, 'q');
  const d = inverse(RSA_EXPONENT, (p - 1n) * (q - 1n));
  return {
    kty: 'RSA',
    n: base64url(p * q),
    e: base64url(RSA_EXPONENT),
    d: base64url(d),
    p: base64url(p),
    q: base64url(q),
    dp: base64url(d % (p - 1n)),
    dq: base64url(d % (q - 1n)),
    qi: base64url(inverse(q, p)),
  };
}

/** The first prime in the numbers that follow from the seed. Its two highest bits are set, so that n has its full length. */
function prime(seed: string, name: string): bigint {
  for (let attempt = 0; ; attempt += 1) {
    const bytes = derive(seed, `${name} ${attempt}`, PRIME_BYTES);
    bytes[0] = bytes[0]! | 0b1100_0000;
    bytes[PRIME_BYTES - 1] = bytes[PRIME_BYTES - 1]! | 1;
    const candidate = toNumber(bytes);
    if ((candidate - 1n) % RSA_EXPONENT !== 0n && checkPrimeSync(candidate)) return candidate;
  }
}

function ecKey(seed: string): JWK {
  // 16 bytes more than the order has, so that the remainder is spread evenly.
  const d = (toNumber(derive(seed, 'd', 48)) % (P256_ORDER - 1n)) + 1n;
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(toBytes(d, 32));
  const point = ecdh.getPublicKey();
  return {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
    d: toBytes(d, 32).toString('base64url'),
  };
}

function derive(seed: string, name: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', seed, 'causeway identity provider', name, length));
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [r0, r1, t0, t1] = [modulus, value % modulus, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, t0, t1] = [r1, r0 - quotient * r1, t1, t0 - quotient * t1];
  }
  return ((t0 % modulus) + modulus) % modulus;
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function toBytes(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');
}

function base64url(value: bigint): string {
  const hex = value.toString(16);
  return toBytes(value, Math.ceil(hex.length / 2)).toString('base64url');
}
