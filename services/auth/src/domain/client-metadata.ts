import { DEVICE_GRANT, type OAuthClient, isSameSecret } from '@causeway/contracts';
import type { AdapterPayload } from 'oidc-provider';

/** What a program may learn about the person for whom it acts. */
export const IDENTITY_SCOPES = ['openid', 'profile', 'email'] as const;

/** Separates the hashes of secrets. */
const SEPARATOR = '.';

/** A client as the library knows it. Where it expects the secret, it finds the hashes of those that are valid. Pure. */
export function clientMetadata(
  client: OAuthClient & { readonly secretHashes: readonly string[] },
): AdapterPayload {
  const { id, name, kind, permissions, redirectUris, deviceFlow, secretHashes } = client;
  const isService = kind === 'service';
  const byBrowser = redirectUris.length > 0;
  const grants = [
    ...(byBrowser ? ['authorization_code'] : []),
    ...(deviceFlow ? [DEVICE_GRANT] : []),
    'refresh_token',
  ];
  return {
    client_id: id,
    client_name: name,
    ...(kind === 'public'
      ? { token_endpoint_auth_method: 'none' }
      : { token_endpoint_auth_method: 'client_secret_basic', client_secret: secretHashes.join(SEPARATOR) }),
    grant_types: isService ? ['client_credentials'] : grants,
    response_types: byBrowser ? ['code'] : [],
    redirect_uris: redirectUris,
    // Any port of the machine itself, and schemes of applications, are for native ones only.
    application_type: redirectUris.some((uri) => !uri.startsWith('https:')) ? 'native' : 'web',
    scope: [...(isService ? [] : IDENTITY_SCOPES), ...permissions].join(' '),
  };
}

/** Whether a secret with this hash is one of those that are valid. @param hashes  as `clientMetadata` writes them */
export function isSecretOf(hashes: string, secretHash: string): boolean {
  return hashes.split(SEPARATOR).some((one) => isSameSecret(one, secretHash));
}
