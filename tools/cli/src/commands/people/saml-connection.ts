import { readFileSync } from 'node:fs';
import type { Connection, SamlCertificate } from '@causeway/contracts';
import type { Api } from '../../api.js';
import type { Output } from '../../output.js';

export const CONNECTIONS = '/api/platform/v1/connections';

/** What a SAML connection is, as options; the first five are those of the other kind too. */
export interface SamlOptions {
  readonly issuer?: string;
  readonly clientId?: string;
  readonly label?: string;
  /** Of e-mail addresses. */
  readonly domain?: readonly string[];
  readonly scimIdClaim?: string;
  /** A file with the provider's metadata or its address; true when there is none. */
  readonly saml?: string | true;
  readonly signInUrl?: string;
  /** Files. */
  readonly certificate?: readonly string[];
  readonly nameId?: string;
  readonly nameAttribute?: string;
  readonly emailAttribute?: string;
  readonly groupsAttribute?: string;
}

/** Adds a connection to a SAML provider, or changes one. */
export async function addSamlConnection(
  api: Api,
  name: string,
  options: SamlOptions,
  output: Output,
): Promise<number> {
  const { issuer, clientId, label, domain, saml, signInUrl, certificate, nameId } = options;
  const attributes = Object.entries({
    name: options.nameAttribute,
    email: options.emailAttribute,
    groups: options.groupsAttribute,
  }).filter(([, attribute]) => attribute !== undefined);
  const connection = await api.json<Extract<Connection, { kind: 'saml' }>>('PUT', pathOf(name), {
    kind: 'saml',
    ...metadataOf(saml),
    ...(issuer !== undefined && { issuer }),
    ...(clientId !== undefined && { clientId }),
    ...(label !== undefined && { label }),
    ...(domain !== undefined && { domains: domain }),
    ...(options.scimIdClaim !== undefined && { scimIdClaim: options.scimIdClaim }),
    ...(signInUrl !== undefined && { signInUrl }),
    ...(certificate && { certificates: certificate.map((file) => readFileSync(file, 'utf8')) }),
    ...(nameId !== undefined && { nameIdFormat: nameId }),
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
  });
  output.result(connection, () =>
    [
      `connection ${connection.name} signs people in at ${connection.issuer}`,
      ...connection.certificates.map(describeCertificate),
      `give the identity provider this metadata: ${api.url}/sign-in/${connection.name}/metadata`,
      `or say there: entity id ${connection.clientId}, assertion consumer service ${api.url}/sign-in/${connection.name}/callback`,
      `check it with: npx causeway sso test ${connection.name}`,
    ].join('\n'),
  );
  return 0;
}

/** A certificate as people read it. */
export function describeCertificate({ fingerprint, expiresAt }: SamlCertificate): string {
  const isOver = Date.parse(expiresAt) < Date.now();
  return `it signs with certificate ${fingerprint.slice(0, 16)}…, which ${isOver ? 'says that it expired' : 'says that it is valid until'} ${expiresAt.slice(0, 10)}`;
}

/** The path of a connection. */
export function pathOf(name: string): string {
  return `${CONNECTIONS}/${encodeURIComponent(name)}`;
}

function metadataOf(saml: string | true | undefined): { metadata?: string; metadataUrl?: string } {
  if (typeof saml !== 'string') return {};
  return /^https?:/.test(saml) ? { metadataUrl: saml } : { metadata: readFileSync(saml, 'utf8') };
}
