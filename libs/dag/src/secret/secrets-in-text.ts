import type { DecodedText } from './decoded-text.js';
import { decodeLeaf, jsonLeaves, looksLikeJson } from './json-leaves.js';
import { keySpans } from './key-shapes.js';
import { isSecretMember, isSecretName } from './secret-name.js';
import { shellWords } from './shell-words.js';
import { looksLikeVariableName } from './variable-name.js';

/** A secret inside a text. */
export interface SecretSpan {
  readonly begin: number;
  readonly end: number;
  /** The decoded secret. */
  readonly value: string;
  /** Its name in errors: `header X-Api-Key`, `api_key`, `a key`. */
  readonly what: string;
}

/** The limit of texts inside other texts. */
const MOST_NESTED = 4;

/** A shorter text cannot contain a name and a value. */
const SHORTEST = 6;

/** A command, alone or after others. */
const curl = /(?:^\s*|[;&|(\n][ \t]?)curl\s/;
const form = /^\s*[\w.%+*[\]-]{1,100}=/;

/**
 * The secrets in a text, in the order in which they begin: all texts that look like a key, and values with the name of a secret in a
 * query, a form, JSON, or the headers, the user and the data of a curl command. JSON and forms inside these are searched too.
 *
 * @param isHeaders  the members of JSON are headers
 */
export function secretsInText(text: string, isHeaders = false): SecretSpan[] {
  const named = text.length < SHORTEST ? [] : namedIn(text, { isHeaders, depth: 0 });
  const shaped = keySpans(text).map(({ begin, end, isOfQuery }) => {
    const raw = text.slice(begin, end);
    return { begin, end, value: isOfQuery ? decoded(raw) : raw, what: 'a key' };
  });
  if (named.length === 0) return shaped;
  return [...named, ...shaped].toSorted((one, other) => one.begin - other.begin);
}

/** The same text with a replacement for each secret. Secrets that overlap get one replacement. */
export function replaceSecrets(text: string, isHeaders: boolean, by: (secret: string) => string): string {
  const spans = secretsInText(text, isHeaders);
  if (spans.length === 0) return text;
  const parts: string[] = [];
  let done = 0;
  for (let at = 0; at < spans.length;) {
    const { begin } = spans[at] as SecretSpan;
    let end = begin;
    for (; at < spans.length && (end === begin || (spans[at] as SecretSpan).begin < end); at += 1)
      end = Math.max(end, (spans[at] as SecretSpan).end);
    parts.push(text.slice(done, begin), by(text.slice(begin, end)));
    done = end;
  }
  parts.push(text.slice(done));
  return parts.join('');
}

interface Around {
  readonly isHeaders: boolean;
  /** How many other texts contain it. */
  readonly depth: number;
}

/** A text without a match contains neither the name of a secret nor a command, which has options instead of names. */
const telling = /key|token|secret|pass|pwd|jwt|auth|credential|cookie|sig|session|curl/i;

function namedIn(text: string, around: Around): SecretSpan[] {
  if (around.depth > MOST_NESTED || !looksLikeText(text) || !telling.test(text)) return [];
  const words = curl.test(text) ? shellWords(text) : undefined;
  if (words !== undefined) return inCommand(words, around);
  if (looksLikeJson(text)) return inJson(text, around);
  return form.test(text) ? inForm(text) : [];
}

function deeper({ depth }: Around): Around {
  return { isHeaders: false, depth: depth + 1 };
}

/** The secrets found in an encoded text, with their positions in the text around it. */
function inside(decoding: DecodedText, spans: readonly SecretSpan[]): SecretSpan[] {
  return spans.map((span) => ({
    ...span,
    begin: decoding.beginOf(span.begin),
    end: decoding.endOf(span.end - 1),
  }));
}

function inJson(text: string, around: Around): SecretSpan[] {
  const { isHeaders } = around;
  const holdsMore = (leaf: string): boolean =>
    looksLikeText(
      leaf
        .slice(0, 200)
        .replace(/\\[nrt]/g, ' ')
        .replaceAll('\\', ''),
    );
  return jsonLeaves(text, (name, leaf) => telling.test(name) || holdsMore(leaf)).flatMap((leaf) => {
    const raw = text.slice(leaf.begin, leaf.end);
    if (raw === '') return [];
    const value = raw.includes('\\') ? (parsed(raw) ?? raw) : raw;
    if (isHeaders ? isSecretName(leaf.name) : isSecretMember(leaf.name, value))
      return looksLikeVariableName(value, true)
        ? []
        : [{ begin: leaf.begin, end: leaf.end, value, what: leaf.name }];
    const spans = namedIn(value, deeper(around));
    if (spans.length === 0) return [];
    return value === raw ? moved(spans, leaf.begin) : inside(decodeLeaf(text, leaf), spans);
  });
}

function parsed(raw: string): string | undefined {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    // It is not valid JSON.
    return undefined;
  }
}

function looksLikeText(text: string): boolean {
  return curl.test(text) || form.test(text) || /^\s*[{[]/.test(text);
}

function moved(spans: readonly SecretSpan[], by: number): SecretSpan[] {
  return spans.map((span) => ({ ...span, begin: span.begin + by, end: span.end + by }));
}

/** Pairs of name and value, separated by `&` or by line breaks. */
function inForm(text: string): SecretSpan[] {
  const start = text.length - text.trimStart().length;
  const pair = /(?<=^|[&\n])([\w.%+*[\]-]{1,100})=([^&#\r\n]+)/g;
  const source = text.slice(start);
  const spans: SecretSpan[] = [];
  for (let match = pair.exec(source); match !== null; match = pair.exec(source)) {
    const [, name, raw] = match as unknown as [string, string, string];
    const value = decoded(raw);
    if (!isSecretMember(decoded(name), value) || looksLikeVariableName(value, true)) continue;
    const end = start + pair.lastIndex;
    spans.push({ begin: end - raw.length, end, value, what: name });
  }
  return spans;
}

function decoded(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // Percent signs that are not an encoding.
    return text;
  }
}

/** Options of curl that take a header, a user, cookies, a token; short ones may follow others that take nothing. */
const options: readonly (readonly [kind: OptionKind, pattern: RegExp])[] = [
  ['header', /^(?:-[sSkLfivgGN]*H|--header(?:=|$)|--proxy-header(?:=|$))/],
  ['user', /^(?:-[sSkLfivgGN]*[uU]|--(?:proxy-)?user(?:=|$))/],
  ['cookie', /^(?:-[sSkLfivgGN]*b|--cookie(?:=|$))/],
  ['bearer', /^--oauth2-bearer(?:=|$)/],
];

type OptionKind = 'header' | 'user' | 'cookie' | 'bearer';

function inCommand(words: readonly DecodedText[], around: Around): SecretSpan[] {
  return words.flatMap((word, index) => {
    const before = words[index - 1]?.text ?? '';
    for (const [kind, pattern] of options) {
      if (pattern.exec(before)?.[0] === before && before !== '')
        return inside(word, inOption(kind, word.text));
      const [own] = pattern.exec(word.text) ?? [];
      if (own !== undefined && own.length < word.text.length)
        return inside(word, moved(inOption(kind, word.text.slice(own.length)), own.length));
    }
    const data = /^(?:-d|--data[\w-]*=|--json=|-F|--form=)/.exec(word.text)?.[0] ?? '';
    return inside(word, moved(namedIn(word.text.slice(data.length), deeper(around)), data.length));
  });
}

function inOption(kind: OptionKind, text: string): SecretSpan[] {
  if (kind === 'bearer') return [whole(text, 0, 'header Authorization')];
  if (kind === 'cookie') return [whole(text, 0, 'header Cookie')];
  const colon = text.indexOf(':');
  const begin = text.length - text.slice(colon + 1).trimStart().length;
  if (kind === 'header') {
    const name = text.slice(0, colon).trim();
    return colon > 0 && begin < text.length && isSecretName(name)
      ? [whole(text, begin, `header ${name}`)]
      : [];
  }
  const password = whole(text, colon + 1, 'the user');
  // The base64 form of Basic authentication, because a search for a short password does not find it there.
  return password.value === '' ? [] : [password, { ...password, value: toBase64(text) }];
}

function whole(text: string, begin: number, what: string): SecretSpan {
  return { begin, end: text.trimEnd().length, value: text.slice(begin).trim(), what };
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
