import { isSecretMember, keyKinds } from './secret-name.js';
import { type Steps, atOnce, pieceCounter } from './steps.js';

/** What an answer shows instead of a secret. When a client saves it again, the stored secret is kept. */
export const SECRET_MASK = '••••••••';

/** Prefixes that could also be words: what follows must contain a digit. */
const shortBeginnings = 'gsk|hf|r8|lsv2|npm|pplx|tvly|xai|nvapi|jina|csk|shpat|pypi|whsec|tgp|dop|SG';

/** How names of parameters end that hold a secret, with those of `isSecretMember`. */
const secretParameters = `token|secret|passw(?:or)?d|pwd|passphrase|signature|credentials?|authorization|(?:${keyKinds})[_-]?key`;

/**
 * Secrets that can be recognised by their form. A group holds the text before a secret, which is kept. It is one
 * pattern, so that no part of a text is searched twice; each repetition is bounded, or cannot start again inside
 * itself, so its time is linear.
 */
const secret = new RegExp(
  [
    `(?<![\\w.-])(?:${[
      '(?:sk|rk|pk|cw)[-_][\\w-]{16,}',
      'c[cmprst]-[\\w-]{43}(?![\\w-])',
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
  const parts: string[] = [];
  let done = 0;
  for (const { begin, end } of atOnce(keySpans(text))) {
    parts.push(text.slice(done, begin), SECRET_MASK);
    done = end;
  }
  return done === 0 ? text : parts.join('') + text.slice(done);
}

/** The parts of a text that look like keys, in the order in which `maskKeys` masks them. */
export function keysIn(text: string): string[] {
  return atOnce(keySpans(text)).map(({ begin, end }) => text.slice(begin, end));
}

/** Where a part of a text stands that looks like a key. */
export interface KeySpan {
  readonly begin: number;
  readonly end: number;
  /** Whether it is percent-encoded. */
  readonly isOfQuery: boolean;
}

/** No secret above, with the text before it, is shorter than this; most texts of a graph are. */
const SHORTEST = 6;
/** The group before the value of a parameter. */
const OF_QUERY = 3;

/** Where all of them stand. */
export function* keySpans(text: string): Steps<KeySpan[]> {
  const found: KeySpan[] = [];
  if (text.length < SHORTEST) return found;
  const isEnough = pieceCounter();
  const search = new RegExp(secret);
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    if (isEnough()) yield;
    const [whole, ...groups] = match as (string | undefined)[] as [string, ...(string | undefined)[]];
    const before = groups.find((group) => group !== undefined) ?? '';
    const isOfQuery = match[OF_QUERY] !== undefined;
    if (isOfQuery && /^.key=$/i.test(before) && !isSecretMember('key', whole.slice(before.length))) continue;
    found.push({ begin: match.index + before.length, end: search.lastIndex, isOfQuery });
  }
  return found;
}
