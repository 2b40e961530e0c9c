import type { Say } from '../servers/start-servers.js';
import { type CertificateFiles, ensureOwnCertificate } from './own-certificate.js';

const RENEW_LOOK_MS = 6 * 3_600_000;

/**
 * The certificate of the gateway: the one that the environment names, else a copy's own if HTTPS is wished; undefined for plain HTTP. The
 * gateway itself reports a setting that is missing.
 */
export async function chooseCertificate(
  environment: NodeJS.ProcessEnv,
  folder: string,
  host: string,
  isWished = false,
): Promise<CertificateFiles | undefined> {
  const { CAUSEWAY_TLS_CERT_FILE: certFile, CAUSEWAY_TLS_KEY_FILE: keyFile } = environment;
  if (certFile) return { certFile, keyFile: keyFile ?? '' };
  return isWished ? ensureOwnCertificate(folder, host) : undefined;
}

/** Replaces a copy's own certificate before it ends; the gateway follows the file. @returns ends it */
export function renewWhileRunning(
  folder: string,
  host: string,
  { certFile }: CertificateFiles,
  say: Say,
): () => void {
  if (!certFile.startsWith(folder)) return () => {};
  const timer = setInterval(() => {
    ensureOwnCertificate(folder, host).catch((error: unknown) =>
      say(`The certificate ${certFile} cannot be renewed: ${(error as Error).message}`),
    );
  }, RENEW_LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
