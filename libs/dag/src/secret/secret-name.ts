/** Whether a header or a variable is named as one that holds a secret. */
export function isSecretName(name: string): boolean {
  return /auth|cookie|key|token|secret|passw(?:or)?d|session/i.test(name);
}

const secretName =
  /(?:^|_)(?:(?:api|access|auth|private|secret|subscription)_?key|\w*token|secret|password|passwd|pwd|passphrase|(?:proxy_)?authorization|credentials?|cookie|sig|signature)$/;

/** Names of numbers that say how many. */
const count = /^(?:max|min|num|n|total)_/;

/**
 * Whether a member of a body, a query or a setting holds a secret, by its name: `api_key`, `accessToken`; not `keyword`. What is
 * called `key` alone is one when it looks random: it is long, or has letters and digits.
 */
export function isSecretMember(name: string, value: string): boolean {
  const kind = kindOf(name);
  if (kind === 'key') return /^\S{32,}$|^(?=\S*[A-Za-z])(?=\S*\d)\S{6,}$/.test(value);
  return kind === 'secret' || (kind === 'count' && !/^\d*$/.test(value));
}

type Kind = 'secret' | 'count' | 'key' | 'plain';

// Members of a graph have few names, and there are millions of members.
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
  const isSecret = secretName.test(words) || (words.startsWith('x_') && isSecretName(words));
  const kind = words === 'key' ? 'key' : !isSecret ? 'plain' : count.test(words) ? 'count' : 'secret';
  if (kinds.size >= MOST_KINDS) kinds.clear();
  if (name.length <= 100) kinds.set(name, kind);
  return kind;
}
