import { isSecretMember } from './secret-name.js';

/** What an answer shows instead of a secret. When a client saves it again, the stored secret is kept. */
export const SECRET_MASK = '••••••••';

/** Prefixes that could also be words: what follows must contain a digit. */
const shortBeginnings = 'gsk|hf|r8|lsv2|npm|pplx|tvly|xai|nvapi|jina|csk|shpat|pypi|whsec|tgp|dop|SG';

/** How names of parameters end that hold a secret, with those of `isSecretMember`. */
const secretParameters = `${'token|secret|passw(?:or)?d|pwd|passphrase|signature|credentials?|authorization'}|${'(?:api|access|auth|private|secret|subscription)[_-]?key'}`;

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
    `((?:[?&](?i:key|sig)|[?&][\\w.%-]{0,60}(?i:${secretParameters}))=)[^\\s&"'<>#{}\\\\]+`,
    '(:\\/\\/[^\\s/:@"\'<>{}]{0,200}:)[^\\s/@"\'<>{}]{1,200}(?=@)',
  ].join('|'),
  'g',
);

/** The same text with a mask instead of each part that looks like a key. */
export function maskKeys(text: string): string {
  return replaceKeys(text, () => SECRET_MASK);
}

/** The parts of a text that look like keys, in the order in which `maskKeys` masks them. */
export function keysIn(text: string): string[] {
  return keySpans(text).map(({ begin, end }) => text.slice(begin, end));
}

/** Where they stand; `isOfQuery` when they are percent-encoded. */
export function keySpans(text: string): { begin: number; end: number; isOfQuery: boolean }[] {
  const found: { begin: number; end: number; isOfQuery: boolean }[] = [];
  replaceKeys(text, (key, begin, isOfQuery) => {
    found.push({ begin, end: begin + key.length, isOfQuery });
    return key;
  });
  return found;
}

/** No secret above, with the text before it, is shorter than this; most texts of a graph are. */
const SHORTEST = 6;
/** The group before the value of a parameter. */
const OF_QUERY = 2;

function replaceKeys(text: string, by: (key: string, begin: number, isOfQuery: boolean) => string): string {
  if (text.length < SHORTEST) return text;
  return text.replace(secret, (match: string, ...groups: unknown[]) => {
    // The arguments are the groups, then the offset, a number.
    const kept = groups.slice(0, 4).find((group) => typeof group === 'string') ?? '';
    const before = String(kept);
    const key = match.slice(before.length);
    const isOfQuery = groups[OF_QUERY] !== undefined;
    if (isOfQuery && /^.key=$/i.test(before) && !isSecretMember('key', key)) return match;
    return `${before}${by(key, (groups[4] as number) + before.length, isOfQuery)}`;
  });
}
