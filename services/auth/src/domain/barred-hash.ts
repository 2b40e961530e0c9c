import { createHash } from 'node:crypto';

/** What stays of somebody who was deleted: enough to recognise what a provider calls them when it says it again, and not what that is. */

/** Of what an identity provider calls somebody who signs in. */
export function signInHash(organisationId: string, issuer: string, subject: string): string {
  return hashOf('sign-in', organisationId, issuer, subject);
}

/** Of somebody whom SCIM has sent: of the `externalId`, or of the user name, in lower case, of one who has none. */
export function sentHash(
  connectionId: string,
  sent: { readonly externalId: string | null; readonly userNameKey: string },
): string {
  const { externalId, userNameKey } = sent;
  return externalId === null
    ? hashOf('scim userName', connectionId, userNameKey)
    : hashOf('scim externalId', connectionId, externalId);
}

/** As JSON, so that no two lists of texts are alike. */
function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
