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

/** Whether a header or a variable is named as one that holds a secret. */
export function isSecretName(name: string): boolean {
  return /auth|cookie|key|token|secret|passw(?:or)?d|session/i.test(name);
}

const secretName =
  /(?:^|_)(?:(?:api|access|auth|private|secret|subscription)_?key|\w*token|secret|password|passwd|pwd|passphrase|authorization|credentials?)$/;

/**
 * Whether a member of a body or a query holds a secret, by its name: `api_key`, `accessToken`; not `keyword`. What is called
 * `key` alone is one when it is as long as keys are.
 */
export function isSecretMember(name: string, value: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/\W+/g, '_')
    .toLowerCase();
  return secretName.test(words) || (words === 'key' && /^\S{16,}$/.test(value));
}
