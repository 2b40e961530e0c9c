import { X509Certificate } from 'node:crypto';

/** A certificate with which a provider signs. */
export interface ReadCertificate {
  /** Base64 of DER. */
  readonly base64: string;
  /** SHA-256 of it, in hex. */
  readonly fingerprint: string;
  readonly expiresAt: Date;
}

/** Bits of an RSA key. */
const FEWEST_BITS = 2_048;

/** Reads a certificate from PEM or from base64. @throws Error that says what is wrong with it */
export function readCertificate(text: string): ReadCertificate {
  const blocks = text.match(/-----BEGIN [^-]+-----/g) ?? [];
  if (blocks.length > 1) throw new Error('there are several in one text');
  if (blocks.length === 1 && !/^-----BEGIN CERTIFICATE-----$/.test(blocks[0]))
    throw new Error('it is no certificate');
  const base64 = text.replaceAll(/-----(BEGIN|END) CERTIFICATE-----|\s/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new Error('it is no certificate');
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    throw new Error('it is no certificate');
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  if (type !== 'rsa') throw new Error(`its key is of type ${type}`);
  if ((details?.modulusLength ?? 0) < FEWEST_BITS)
    throw new Error(`its key has ${details?.modulusLength} bits`);
  return {
    base64: certificate.raw.toString('base64'),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    expiresAt: certificate.validToDate,
  };
}
