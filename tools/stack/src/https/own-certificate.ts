import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { writePrivately } from '../home.js';
import { makeCertificate } from './make-certificate.js';

/** Where a certificate and its key are. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
/** So long before its end a certificate is replaced. */
const RENEW_MS = 30 * 86_400_000;

/**
 * The certificate of a copy that has none from elsewhere: made at the first time, and again when it ends soon or is not for the present host.
 *
 * @param folder  the private folder of the copy
 * @param host    the address on which its gateway listens
 */
export async function ensureOwnCertificate(
  folder: string,
  host: string,
  now = new Date(),
): Promise<CertificateFiles> {
  const files = { certFile: join(folder, 'tls/cert.pem'), keyFile: join(folder, 'tls/key.pem') };
  const names = LOOPBACK.includes(host) || /^[0:.]+$/.test(host) ? LOOPBACK : [...LOOPBACK, host];
  if (isUsable(files, names, now)) return files;
  const { cert, key } = await makeCertificate(names, { now });
  // The key first: a certificate without its key is of no use to anybody.
  writePrivately(files.keyFile, key);
  writePrivately(files.certFile, cert);
  return files;
}

function isUsable({ certFile, keyFile }: CertificateFiles, names: readonly string[], now: Date): boolean {
  if (!existsSync(certFile) || !existsSync(keyFile)) return false;
  const certificate = new X509Certificate(readFileSync(certFile));
  const covers = (name: string): boolean =>
    (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;
  return Date.parse(certificate.validTo) - now.getTime() > RENEW_MS && names.every(covers);
}
