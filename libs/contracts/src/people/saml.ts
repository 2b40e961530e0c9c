import { z } from 'zod';

/** Sign-in by SAML 2.0: what a connection of this kind has and others have not. */

const isText = (text: string): boolean => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) && text.isWellFormed();
const NOT_A_LINE = 'must be one line of text';

/** Characters of a provider’s metadata. */
const MOST_METADATA = 200_000;
/** So that a certificate can be replaced without an interruption: both are accepted meanwhile. */
const MOST_CERTIFICATES = 10;

/** Which kind of name a provider gives people: one that stays, an e-mail address, or one of which it says nothing. */
export const NameIdFormat = z.enum(['persistent', 'email', 'unspecified']);
export type NameIdFormat = z.infer<typeof NameIdFormat>;

/** What a SAML provider calls itself. */
const EntityId = z
  .string()
  .max(500)
  .regex(/^[\x21-\x7e]+$/, { error: 'must be an entity id: printable ASCII characters without spaces' });
const AttributeName = z.string().min(1).max(300).refine(isText, { error: NOT_A_LINE });

/** An address to which browsers go. Without TLS only on the machine itself. */
const SignInUrl = z
  .url({ protocol: /^https?$/ })
  .max(1_000)
  .refine(
    (text) => {
      if (!URL.canParse(text)) return false;
      const { protocol, hostname, hash } = new URL(text);
      return (protocol === 'https:' || /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname)) && hash === '';
    },
    {
      error:
        'must begin with https:// and have no fragment; http:// is accepted for 127.0.0.1, [::1] and localhost',
    },
  );

/** The members of `SamlConnectionFields` that other kinds of connections do not have. */
export const samlFields = {
  kind: z.literal('saml'),
  /** What the provider says of itself, as XML: its name, sign-in address and certificates. */
  metadata: z.string().min(1).max(MOST_METADATA).optional(),
  /** Where the provider says that. It is read once, now. */
  metadataUrl: SignInUrl.optional(),
  issuer: EntityId.optional(),
  signInUrl: SignInUrl.optional(),
  /** PEM, or only its base64. They replace the former ones. */
  certificates: z.array(z.string().min(1).max(10_000)).min(1).max(MOST_CERTIFICATES).optional(),
  /** @default persistent */
  nameIdFormat: NameIdFormat.optional(),
  /** The names of the attributes that say these. @default name, email, groups */
  attributes: z
    .object({
      name: AttributeName.optional(),
      email: AttributeName.optional(),
      groups: AttributeName.optional(),
    })
    .strict()
    .optional(),
};

/** A certificate with which a provider signs. Only its key counts: the provider is trusted as long as the certificate is listed. */
export const SamlCertificate = z.object({
  /** SHA-256 of the certificate, in hex. */
  fingerprint: z.string(),
  expiresAt: z.iso.datetime(),
});
export type SamlCertificate = z.infer<typeof SamlCertificate>;

/** The members of a SAML connection that other kinds do not have. */
export const samlShape = {
  signInUrl: z.string(),
  certificates: z.array(SamlCertificate),
  nameIdFormat: NameIdFormat,
  attributes: z.object({ name: z.string(), email: z.string(), groups: z.string() }),
};

/** What a provider has to know of Causeway, as XML. */
export const samlDescription = z.object({ xml: z.string() });

/** The form field with which a provider answers: XML in base64. A person with 1,000 groups fits. */
export const SamlResponse = z
  .string()
  .min(1)
  .max(256 * 1024);
