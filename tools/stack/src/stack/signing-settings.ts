import { createHmac, createPrivateKey } from 'node:crypto';
import type { Secrets } from '../home.js';
import { readBusPermissions } from '../servers/bus-permissions.js';

/** PKCS #8 around the seed of an Ed25519 key. Source: RFC 8410, section 7. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The processes in which flows run sign with a key of their own, which the executor gives them. */
export const RUNNER = 'executor-runner';

/**
 * With what a service signs its messages, and by which keys it knows those of the others: the same at each start, and the keys of services
 * that run elsewhere, which the environment names in addition.
 */
export function signingSettings(secrets: Secrets, service: string): Record<string, string> {
  const trusted = Object.keys(readBusPermissions()).map(
    (name) => `${name}=${publicKeyOf(seedOf(secrets, name))}`,
  );
  const elsewhere = process.env['CAUSEWAY_TRUSTED_KEYS'];
  if (elsewhere) trusted.push(elsewhere);
  return {
    ...(service === 'executor' && {
      CAUSEWAY_RUNNER_SIGNING_KEY: seedOf(secrets, RUNNER).toString('base64'),
    }),
    ...(service === 'audit' && { CAUSEWAY_AUDIT_SIGNING_KEY: auditSigningKey(secrets) }),
    CAUSEWAY_SIGNING_KEY: seedOf(secrets, service).toString('base64'),
    CAUSEWAY_TRUSTED_KEYS: trusted.join(','),
  };
}

/** The key that signs the audit log's checkpoints: that of the environment, where somebody has replaced it, else one of this copy. */
export function auditSigningKey({ roleSeed }: Secrets): string {
  const made = createHmac('sha256', roleSeed).update('sign audit log').digest('base64');
  return process.env['CAUSEWAY_AUDIT_SIGNING_KEY'] || made;
}

function seedOf({ roleSeed }: Secrets, service: string): Buffer {
  return createHmac('sha256', roleSeed).update(`sign ${service}`).digest();
}

function publicKeyOf(seed: Buffer): string {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  return String(key.export({ format: 'jwk' }).x);
}
