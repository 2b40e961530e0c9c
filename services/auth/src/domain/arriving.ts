import type { NamedGroups } from './provider-claims.js';

/** Somebody whose identity provider has said who they are, however it says it. */
export interface Arriving {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  /** What SCIM calls the person, if the connection can tell. */
  readonly scimId: string | null;
  readonly groups: NamedGroups;
  /** With which the provider's session can be ended. */
  readonly idToken: string | undefined;
  /** The provider's session, if it names one. */
  readonly sid: string | undefined;
  /** What the provider said must count only once: what it is, and until when it could count again. */
  readonly once: { readonly id: string; readonly until: Date } | undefined;
  /** When the provider's session ends, if it says so. */
  readonly endsAt: Date | undefined;
}
