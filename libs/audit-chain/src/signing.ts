import { type KeyObject, createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { canonicalJson } from '@causeway/dag';

const KEY_BYTES = 32;
/** PKCS #8 around the seed of an Ed25519 key. Source: RFC 8410, section 7. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** What is signed. A signature of one kind never counts as one of another kind, because the kind is part of the signed bytes. */
export type SignedKind = 'checkpoint' | 'export';

/** A public key with its id. */
export interface PublicKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

/** A private key with the id of its public key. */
export interface SigningKey extends PublicKey {
  readonly publicKey: KeyObject;
}

/** Reads a private Ed25519 key: PEM (PKCS #8), or its 32 bytes as base64. @throws Error */
export function readAuditKey(text: string): SigningKey {
  const key = privateKeyOf(text.trim());
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('must be an Ed25519 key');
  const publicKey = createPublicKey(key);
  return { keyId: keyIdOf(publicKey), key, publicKey };
}

function privateKeyOf(text: string): KeyObject {
  if (text.includes('PRIVATE KEY')) return createPrivateKey(text.replaceAll('\\n', '\n'));
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== KEY_BYTES)
    throw new Error('must be an Ed25519 key as PEM, or its 32 bytes as base64 (openssl rand -base64 32)');
  return createPrivateKey({ key: Buffer.concat([PKCS8, bytes]), format: 'der', type: 'pkcs8' });
}

/** Reads a public Ed25519 key: PEM, or its 32 bytes as base64url. @throws Error */
export function readPublicKey(text: string): PublicKey {
  const trimmed = text.trim();
  const key = trimmed.includes('PUBLIC KEY')
    ? createPublicKey(trimmed.replaceAll('\\n', '\n'))
    : createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: trimmed }, format: 'jwk' });
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('must be an Ed25519 key');
  return { keyId: keyIdOf(key), key };
}

/** A public key as base64url of its 32 bytes. */
export function publicKeyText(key: KeyObject): string {
  return String(key.export({ format: 'jwk' }).x);
}

/** The id of a public key: the first 16 hexadecimal digits of its SHA-256. */
export function keyIdOf(key: KeyObject): string {
  return createHash('sha256')
    .update(Buffer.from(publicKeyText(key), 'base64url'))
    .digest('hex')
    .slice(0, 16);
}

/** Signs a value. @returns base64url */
export function signValue(kind: SignedKind, value: object, { key }: SigningKey): string {
  return sign(null, signedBytes(kind, value), key).toString('base64url');
}

/** Whether a signature of a value was made with a key. */
export function isSignedBy(kind: SignedKind, value: object, signature: string, { key }: PublicKey): boolean {
  return verify(null, signedBytes(kind, value), key, Buffer.from(signature, 'base64url'));
}

function signedBytes(kind: SignedKind, value: object): Buffer {
  return Buffer.from(`causeway audit ${kind} v1\n${canonicalJson(value)}`);
}
