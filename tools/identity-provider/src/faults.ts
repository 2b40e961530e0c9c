import { z } from 'zod';

/** The issuer that a misbehaving provider names in place of its own. */
export const OTHER_ISSUER = 'https://other-issuer.example';

/** The endpoints whose answers can be late or fail. */
export const Endpoint = {
  discovery: 'discovery',
  jwks: 'jwks',
  token: 'token',
  userinfo: 'userinfo',
} as const;
export type Endpoint = (typeof Endpoint)[keyof typeof Endpoint];

const answerSchema = z.strictObject({
  status: z.int().min(400).max(599).optional(),
  delayMs: z.int().min(0).max(600_000).optional(),
});

const faultsSchema = z.strictObject({
  idToken: z
    .enum([
      'otherNonce',
      'noNonce',
      'otherAudience',
      'otherIssuer',
      'otherSubject',
      'expired',
      'otherKey',
      'algNone',
    ])
    .optional(),
  callback: z.enum(['otherIssuer', 'noIssuer', 'otherState']).optional(),
  discovery: z.enum(['otherIssuer']).optional(),
  userinfo: z.enum(['otherSubject']).optional(),
  groups: z.enum(['string', 'number', 'object', 'tenThousand']).optional(),
  emailVerified: z.enum(['text']).optional(),
  answers: z.partialRecord(z.enum(Endpoint), answerSchema).optional(),
});

/** What a provider does wrong on purpose. `{}` is a provider without a fault. */
export interface Faults {
  /**
   * One mistake in each ID token; all the rest of it is right.
   *
   * `otherNonce`, `noNonce`: not the `nonce` of the request. `otherAudience`: for another client. `otherIssuer`: from
   * OTHER_ISSUER. `otherSubject`: about somebody else. `expired`: an hour ago. `otherKey`: names the published key and is
   * signed by another. `algNone`: says that it needs no signature, and has none.
   */
  readonly idToken?:
    | 'otherNonce'
    | 'noNonce'
    | 'otherAudience'
    | 'otherIssuer'
    | 'otherSubject'
    | 'expired'
    | 'otherKey'
    | 'algNone'
    | undefined;
  /** One mistake when the browser is sent back: `iss` of another issuer, none at all, or another `state`. */
  readonly callback?: 'otherIssuer' | 'noIssuer' | 'otherState' | undefined;
  /** The discovery document names OTHER_ISSUER. */
  readonly discovery?: 'otherIssuer' | undefined;
  /** The answer is about another `sub` than the ID token. */
  readonly userinfo?: 'otherSubject' | undefined;
  /** The claim of the groups has another type than a list of names, or has 10,000 entries, those of the person first. */
  readonly groups?: 'string' | 'number' | 'object' | 'tenThousand' | undefined;
  /** `email_verified` is the text "false". */
  readonly emailVerified?: 'text' | undefined;
  /** Endpoints that answer late (up to ten minutes), with an error status, or both. */
  readonly answers?:
    | Partial<
        Record<Endpoint, { readonly status?: number | undefined; readonly delayMs?: number | undefined }>
      >
    | undefined;
}

/** @throws Error that names every mistake */
export function parseFaults(faults: Faults): Faults {
  const read = faultsSchema.safeParse(faults);
  if (!read.success) throw new Error(`These are not faults: ${z.prettifyError(read.error)}`);
  return read.data;
}
