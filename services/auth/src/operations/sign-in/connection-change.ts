import { causewayError } from '@causeway/contracts';
import type { ConnectionFields, InputOf, SamlCertificate, putConnection } from '@causeway/contracts';
import { readCertificate } from '../../domain/saml/certificate.js';
import type { ProviderMetadata } from '../../domain/saml/read-metadata.js';
import type {
  ConnectionChange,
  OidcStored,
  SamlStored,
  StoredConnection,
} from '../../store/sign-in/connection.store.js';
import type { z } from 'zod';

type Fields<Kind> = Extract<z.infer<typeof ConnectionFields>, { kind?: Kind | undefined }>;
type Oidc = Exclude<z.infer<typeof ConnectionFields>, { kind: 'saml' }>;
type Asked = Omit<InputOf<typeof putConnection>, 'fields' | 'principal' | 'requestId'>;

const INITIAL_SCOPES = ['openid', 'profile', 'email'];
const INITIAL_CLAIM = 'groups';
const INITIAL_SCIM_CLAIM = 'sub';

/** What an OpenID Connect connection becomes: what is not given stays. */
export function oidcChange(
  { name, sealedSecret }: Asked,
  fields: Oidc,
  former?: OidcStored,
): ConnectionChange {
  return {
    kind: 'oidc',
    ...commonChange(name, fields, former),
    issuer: fields.issuer,
    clientId: fields.clientId,
    scopes: [...new Set(['openid', ...(fields.scopes ?? former?.scopes ?? INITIAL_SCOPES)])],
    groupsClaim: fields.groupsClaim ?? former?.groupsClaim ?? INITIAL_CLAIM,
    sealedSecret: sealedSecret === undefined ? (former?.sealedSecret ?? null) : sealedSecret,
  };
}

/**
 * What a SAML connection becomes: what is not given stays, and what is given counts more than what the provider's metadata says.
 *
 * @throws CausewayError SAML_INCOMPLETE, CERTIFICATE_UNUSABLE
 */
export function samlChange(
  { name, metadataUrl }: Asked,
  fields: Fields<'saml'>,
  metadata?: ProviderMetadata,
  former?: SamlStored,
): ConnectionChange {
  const issuer = fields.issuer ?? metadata?.issuer ?? former?.issuer;
  const signInUrl = fields.signInUrl ?? metadata?.signInUrl ?? former?.signInUrl;
  const certificates = fields.certificates ?? metadata?.certificates ?? former?.certificates;
  const clientId = fields.clientId ?? former?.clientId ?? metadataUrl;
  const lack = (missing: string): Error => causewayError('SAML_INCOMPLETE', { connection: name, missing });
  if (issuer === undefined) throw lack('issuer');
  if (signInUrl === undefined) throw lack('signInUrl');
  if (certificates === undefined) throw lack('certificates');
  if (clientId === undefined) throw lack('clientId');
  const { attributes = {} } = fields;
  return {
    kind: 'saml',
    ...commonChange(name, fields, former),
    issuer,
    clientId,
    signInUrl,
    certificates: [...new Set(certificates.map(readOne))],
    nameIdFormat: fields.nameIdFormat ?? former?.nameIdFormat ?? 'persistent',
    attributes: {
      name: attributes.name ?? former?.attributes.name ?? 'name',
      email: attributes.email ?? former?.attributes.email ?? 'email',
      groups: attributes.groups ?? former?.attributes.groups ?? 'groups',
    },
  };
}

/** A stored certificate as people see it. */
export function certificateOf(base64: string): SamlCertificate {
  const { fingerprint, expiresAt } = readCertificate(base64);
  return { fingerprint, expiresAt: expiresAt.toISOString() };
}

function commonChange(name: string, fields: z.infer<typeof ConnectionFields>, former?: StoredConnection) {
  const { disabled = former !== undefined && former.disabledAt !== null } = fields;
  return {
    label: fields.label ?? former?.label ?? name,
    domains: [...new Set(fields.domains ?? former?.domains ?? [])],
    scimIdClaim: fields.scimIdClaim ?? former?.scimIdClaim ?? INITIAL_SCIM_CLAIM,
    disabledAt: disabled ? new Date() : null,
  };
}

function readOne(text: string, index: number): string {
  try {
    return readCertificate(text).base64;
  } catch (error) {
    throw causewayError('CERTIFICATE_UNUSABLE', { number: index + 1, problem: (error as Error).message });
  }
}
