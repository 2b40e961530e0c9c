/** What an answer shows instead of a secret. When a client saves it again, the stored secret is kept. */
export const SECRET_MASK = '••••••••';

/** Prefixes that could also be words: what follows must contain a digit. */
const shortBeginnings = 'gsk|hf|r8|lsv2|npm|pplx|tvly|xai|nvapi|jina|csk|shpat|pypi|whsec|tgp|dop|SG';

/**
 * Secrets that can be recognised by their form. A group holds the text before a secret, which is kept. It is one
 * pattern, so that no part of a text is searched twice; each repetition is bounded, or cannot start again inside
 * itself, so its time is linear.
 */
const secret = new RegExp(
  [
    `(?<![\\w.-])(?:${[
      '(?:sk|rk|pk|cw)[-_][\\w-]{16,}',
      'gh[pousr]_\\w{20,}',
      'github_pat_\\w{20,}',
      'glpat-[\\w-]{16,}',
      'xox[a-z]-[\\w-]{10,}',
      '(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])',
      'AIza[\\w-]{30,}',
      'ya29\\.[\\w.-]{20,}',
      'eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*',
      '\\d{8,10}:AA[\\w-]{30,}',
      `(?:${shortBeginnings})[-_.](?=[\\w.-]{0,200}\\d)[\\w.-]{12,}`,
    ].join('|')})`,
    '-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END)[\\s\\S])*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?',
    '((?<![A-Za-z])(?i:bearer|basic)\\s{1,4})[\\w.~+/=-]{16,}',
    '((?<![A-Za-z])(?i:(?:x-)?(?:api|auth|access|subscription)-(?:key|token)):\\s{0,4})[^\\s"\'<>{}\\\\]{6,}',
    '([?&](?i:api[_-]?key|key|(?:access_|auth_)?token|sig|signature|(?:client_)?secret|password)=)[^\\s&"\'<>#{}\\\\]{4,}',
    '(:\\/\\/[^\\s/:@"\'<>{}]{0,200}:)[^\\s/@"\'<>{}]{1,200}(?=@)',
  ].join('|'),
  'g',
);

/** The same text with a mask instead of each part that looks like a key. */
export function maskKeys(text: string): string {
  return replaceSecrets(text, () => SECRET_MASK);
}

/** The parts of a text that look like keys, in the order in which `maskKeys` masks them. */
export function keysIn(text: string): string[] {
  const found: string[] = [];
  replaceSecrets(text, (key) => {
    found.push(key);
    return key;
  });
  return found;
}

/** No secret above, with the text before it, is shorter than this; most texts of a graph are. */
const SHORTEST = 8;

function replaceSecrets(text: string, by: (key: string) => string): string {
  if (text.length < SHORTEST) return text;
  return text.replace(secret, (match: string, ...groups: unknown[]) => {
    // The arguments are the groups, then the offset, a number.
    const kept = groups.slice(0, 4).find((group) => typeof group === 'string') ?? '';
    return `${String(kept)}${by(match.slice(String(kept).length))}`;
  });
}
