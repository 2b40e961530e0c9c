import { randomBytes } from 'node:crypto';
import { escapeHtml as escaped } from '../pages/page.js';
import type { SamlKey } from './saml-key.js';

/** What a response says. */
export interface SamlContent {
  /** What the provider calls itself. */
  readonly issuer: string;
  /** What the provider calls the relying party. */
  readonly audience: string;
  /** Where the response is sent. */
  readonly recipient: string;
  /** The id of the request; absent when the provider begins by itself. */
  readonly inResponseTo?: string | undefined;
  readonly nameId: string;
  readonly nameIdFormat: string;
  /** The values by the name of the attribute. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly now?: Date;
  /** Seconds. @default 300 */
  readonly validFor?: number;
  readonly sessionEndsAt?: Date;
}

/** What of a response is signed. */
export type SignedPart = 'Assertion' | 'Response';

/** How a signature is made. */
export interface SignatureMethods {
  readonly signature: string;
  readonly digest: string;
  readonly canonicalization: string;
}

/** Algorithms by which messages are signed today. */
export const usualMethods: SignatureMethods = {
  signature: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
  canonicalization: 'http://www.w3.org/2001/10/xml-exc-c14n#',
};

const P = 'urn:oasis:names:tc:SAML:2.0:protocol';
const A = 'urn:oasis:names:tc:SAML:2.0:assertion';

/** Writes a response with one assertion, unsigned. Source: SAML Core 2.0. */
export function samlResponse(content: SamlContent): string {
  const { issuer, audience, recipient, inResponseTo, nameId, nameIdFormat, sessionEndsAt } = content;
  const now = content.now ?? new Date();
  const until = new Date(now.getTime() + (content.validFor ?? 300) * 1_000).toISOString();
  const at = now.toISOString();
  const answers = inResponseTo === undefined ? '' : ` InResponseTo="${escaped(inResponseTo)}"`;
  const ends = sessionEndsAt === undefined ? '' : ` SessionNotOnOrAfter="${sessionEndsAt.toISOString()}"`;
  const attributes = Object.entries(content.attributes)
    .map(
      ([name, values]) =>
        `<saml:Attribute Name="${escaped(name)}">${values.map((value) => `<saml:AttributeValue>${escaped(value)}</saml:AttributeValue>`).join('')}</saml:Attribute>`,
    )
    .join('');
  return `<samlp:Response xmlns:samlp="${P}" xmlns:saml="${A}" ID="${newId()}" Version="2.0" IssueInstant="${at}" Destination="${escaped(recipient)}"${answers}><saml:Issuer>${escaped(issuer)}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion xmlns:saml="${A}" ID="${newId()}" Version="2.0" IssueInstant="${at}"><saml:Issuer>${escaped(issuer)}</saml:Issuer><saml:Subject><saml:NameID Format="${escaped(nameIdFormat)}">${escaped(nameId)}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="${escaped(recipient)}" NotOnOrAfter="${until}"${answers}/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${at}" NotOnOrAfter="${until}"><saml:AudienceRestriction><saml:Audience>${escaped(audience)}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${at}" SessionIndex="${newId()}"${ends}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${attributes}</saml:AttributeStatement></saml:Assertion></samlp:Response>`;
}

/** Signs a part of a response, with the certificate in the signature as providers do. */
export async function signSaml(
  xml: string,
  part: SignedPart,
  { privateKey, certificate: publicCert }: SamlKey,
  methods: SignatureMethods = usualMethods,
): Promise<string> {
  const { SignedXml } = await import('xml-crypto');
  const signer = new SignedXml({
    privateKey,
    publicCert,
    signatureAlgorithm: methods.signature,
    canonicalizationAlgorithm: methods.canonicalization as 'http://www.w3.org/2001/10/xml-exc-c14n#',
  });
  signer.addReference({
    xpath: `//*[local-name(.)='${part}']`,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', methods.canonicalization],
    digestAlgorithm: methods.digest,
  });
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `//*[local-name(.)='${part}']/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
}

function newId(): string {
  return `_${randomBytes(16).toString('hex')}`;
}
