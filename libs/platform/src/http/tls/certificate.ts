import { X509Certificate, createHash, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { type SecureContextOptions, createSecureContext } from 'node:tls';

/** Where a server's certificate and its key are, as PEM; the chain may follow the certificate. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate with its key, checked. */
export interface Certificate {
  /** For a server: TLS 1.2 or newer. */
  readonly context: SecureContextOptions;
  readonly facts: {
    readonly names: string;
    readonly issuer: string;
    readonly validTo: string;
    readonly fingerprint: string;
  };
  readonly validToMs: number;
  /** Whether it is for this name or address. */
  covers(host: string): boolean;
}

/** The content of both files, and a digest that changes with it. */
export interface CertificateText {
  readonly cert: string;
  readonly key: string;
  readonly digest: string;
}

/** Reads both files. @throws Error that names the file that cannot be read */
export async function readCertificate({ certFile, keyFile }: CertificateFiles): Promise<CertificateText> {
  const [cert = '', key = ''] = await Promise.all(
    [certFile, keyFile].map((file) =>
      readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw new Error(`${file} cannot be read (${error.code})`, { cause: error });
      }),
    ),
  );
  return { cert, key, digest: createHash('sha256').update(`${cert}\0${key}`).digest('hex') };
}

/** Checks a certificate and its key. @throws Error that says why they cannot be used; nothing of the key is in it */
export function checkCertificate({ cert, key }: CertificateText, nowMs: number): Certificate {
  const leaf = attempt('the certificate file holds no certificate in PEM', () => new X509Certificate(cert));
  const own = attempt('the key file holds no private key in PEM without a password', () =>
    createPrivateKey(key),
  );
  if (!leaf.checkPrivateKey(own)) throw new Error('the key does not belong to the certificate');
  const validToMs = Date.parse(leaf.validTo);
  if (validToMs <= nowMs) throw new Error(`the certificate has expired (${leaf.validTo})`);
  const context = { cert, key, minVersion: 'TLSv1.2' } as const;
  attempt('the certificate cannot be used by a server', () => createSecureContext(context));
  return {
    context,
    facts: {
      names: leaf.subjectAltName ?? leaf.subject,
      issuer: leaf.issuer.replaceAll('\n', ', '),
      validTo: new Date(validToMs).toISOString(),
      fingerprint: leaf.fingerprint256,
    },
    validToMs,
    covers: (host) => (isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host)) !== undefined,
  };
}

function attempt<T>(problem: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    // OpenSSL's own text says where it stopped, never what stands there.
    throw new Error(problem, { cause: error });
  }
}
