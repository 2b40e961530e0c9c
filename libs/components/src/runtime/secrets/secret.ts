/** A value that may be sent to few places only. */
export interface Secret {
  readonly value: string;
  /** Its name in errors: `the credential OPENAI_API_KEY`. */
  readonly label: string;
  /** The stored variable of this value; further hosts can be allowed for it. */
  readonly variable?: string;
  /** Entries of the variable's own list, as `allowsOrigin` reads them. */
  readonly allowedHosts?: readonly string[];
  /** Ids of the providers whose key it is: it may be sent to their addresses. */
  readonly providers?: readonly string[];
  /** Whether it is the platform's own, which is sent to its provider and to no address that a flow or a list names. */
  readonly isOfPlatform?: boolean;
}
