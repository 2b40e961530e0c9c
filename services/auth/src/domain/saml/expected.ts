/** What a sign-in has to be answered with. */
export interface ExpectedAnswer {
  /** The entity id of the identity provider. */
  readonly issuer: string;
  /** What the identity provider calls Causeway. */
  readonly audience: string;
  /** Where the answer was to be sent. */
  readonly callbackUrl: string;
  /** The id of the request that it answers. */
  readonly requestId: string;
  readonly nameIdFormat: 'persistent' | 'email' | 'unspecified';
  readonly nowMs: number;
}

/** Clocks may differ by so much. */
export const CLOCK_TOLERANCE_MS = 60_000;
