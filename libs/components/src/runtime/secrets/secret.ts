/** A value that may leave for few places only. */
export interface Secret {
  readonly value: string;
  /** What errors call it: `the credential OPENAI_API_KEY`. */
  readonly label: string;
  /** The stored variable that it is; it can be told further hosts. */
  readonly variable?: string;
  /** Entries of the variable's own list, as `allowsOrigin` reads them. */
  readonly allowedHosts?: readonly string[];
  /** Providers whose key it is, by id: it may go to their addresses. */
  readonly providers?: readonly string[];
  /** The platform's own, which goes to its provider and to no place that a flow or a list names. */
  readonly isOfPlatform?: boolean;
}
