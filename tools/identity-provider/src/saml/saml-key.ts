import { createPrivateKey } from 'node:crypto';

/** A key with which a SAML provider signs, and its certificate. */
export interface SamlKey {
  /** PEM. */
  readonly privateKey: string;
  /** PEM. */
  readonly certificate: string;
}

/** Makes a key and a certificate that it signs itself. */
export async function makeSamlKey(name = 'identity provider', bits = 2_048): Promise<SamlKey> {
  const { generate } = await import('selfsigned');
  const { private: privateKey, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'rsa',
    keySize: bits,
    algorithm: 'sha256',
  });
  return {
    privateKey: createPrivateKey(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: cert,
  };
}
