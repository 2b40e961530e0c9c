import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate and its key, as PEM. */
export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
/** As long as browsers accept at most. */
const DAYS = 397;

/**
 * Makes a key and a certificate that it signs itself, for a server with these names and addresses. It can sign nothing else, so whoever
 * trusts it trusts only that server.
 *
 * @param days  how long it is valid; it has expired already when negative
 */
export async function makeCertificate(
  names: readonly string[],
  { now = new Date(), days = DAYS }: { now?: Date; days?: number } = {},
): Promise<MadeCertificate> {
  // Loaded only here: it takes a tenth of a second.
  const { generate } = await import('selfsigned');
  const end = now.getTime() + days * DAY_MS;
  // A name of its own, because programs find a certificate among several trusted ones by it.
  const commonName = `Causeway ${randomBytes(4).toString('hex')}`;
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // Clocks of machines differ a little.
    notBeforeDate: new Date(Math.min(now.getTime(), end) - DAY_MS),
    notAfterDate: new Date(end),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
  });
  return { cert: made.cert, key: made.private };
}
