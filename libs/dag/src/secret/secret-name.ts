/** Whether a header or a variable has the name of a secret. */
export function isSecretName(name: string): boolean {
  return /auth|cookie|key|token|secret|passw(?:or)?d|session/i.test(name);
}

/** The words before `key` in the names of secrets, as alternatives of a pattern. */
export const keyKinds =
  'api|access|account|auth|client|encryption|master|private|secret|service|shared|signing|subscription';

const secretName = new RegExp(
  `(?:^|_)(?:(?:${keyKinds})_?keys?|\\w*token|(?:client_)?secret(?:_id)?|password|passwd|passphrase|pwd|pass|jwt|(?:proxy_)?authorization|credentials?|cookie)$`,
);
/** Names that also have another meaning: what they hold is a secret when it looks random. */
const doubtful = /^(?:key|sig|signature)$/;

/** Names of counts. */
const count = /^(?:max|min|num|n|total)_/;

/**
 * Whether a member of a body, a query or a setting holds a secret, by its name: `api_key`, `accessToken`; not `keyword`. What is
 * called `key` or `signature` alone is one when it looks random: it has at least 16 characters without a space.
 */
export function isSecretMember(name: string, value: string): boolean {
  const kind = kindOf(name);
  if (kind === 'doubtful') return /^\S{16,}$/.test(value);
  return kind === 'secret' || (kind === 'count' && !/^\d*$/.test(value));
}

type Kind = 'secret' | 'count' | 'doubtful' | 'plain';

// The results are kept: a graph may have millions of members, but they have few different names.
const kinds = new Map<string, Kind>();
const MOST_KINDS = 10_000;

function kindOf(name: string): Kind {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  const words = name
    .slice(-100)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/\W+/g, '_')
    .toLowerCase();
  // A name that begins with `X-` is that of a header; `xKey` is not.
  const isSecret = secretName.test(words) || (/^x-/i.test(name) && isSecretName(words));
  const kind = doubtful.test(words)
    ? 'doubtful'
    : !isSecret
      ? 'plain'
      : count.test(words)
        ? 'count'
        : 'secret';
  if (kinds.size >= MOST_KINDS) kinds.clear();
  if (name.length <= 100) kinds.set(name, kind);
  return kind;
}
