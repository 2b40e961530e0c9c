import type { DecodedText } from './decoded-text.js';
import { decodeLeaf, jsonLeaves, looksLikeJson } from './json-leaves.js';
import { keySpans } from './key-shapes.js';
import { isSecretMember, isSecretName } from './secret-name.js';
import { shellWords } from './shell-words.js';
import { type Steps, atOnce, pieceCounter } from './steps.js';
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

/** A text of more characters is searched and decoded in several steps. */
const LONG = 100_000;

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
  if (text.length < SHORTEST) return [];
  return atOnce(secretSteps(text, isHeaders)).sort((one, other) => one.begin - other.begin);
}

/** The same in steps; not in order. */
export function* secretSteps(text: string, isHeaders = false): Steps<SecretSpan[]> {
  const found = yield* namedIn(text, { isHeaders, depth: 0 });
  if (text.length > LONG) yield;
  const isEnough = pieceCounter();
  for (const { begin, end, isOfQuery } of yield* keySpans(text)) {
    if (isEnough()) yield;
    const raw = text.slice(begin, end);
    found.push({ begin, end, value: isOfQuery ? decoded(raw) : raw, what: 'a key' });
  }
  return found;
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

function* namedIn(text: string, around: Around): Steps<SecretSpan[]> {
  if (around.depth > MOST_NESTED || !looksLikeText(text)) return [];
  const isLong = text.length > LONG;
  if (isLong) yield;
  if (!telling.test(text)) return [];
  if (isLong) yield;
  const words = curl.test(text) ? shellWords(text) : undefined;
  if (isLong) yield;
  if (words !== undefined) return yield* inCommand(words, around);
  if (looksLikeJson(text)) return yield* inJson(text, around);
  return form.test(text) ? yield* inForm(text) : [];
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

function* inJson(text: string, around: Around): Steps<SecretSpan[]> {
  const { isHeaders } = around;
  const holdsMore = (leaf: string): boolean =>
    looksLikeText(
      leaf
        .slice(0, 200)
        .replace(/\\[nrt]/g, ' ')
        .replaceAll('\\', ''),
    );
  const found: SecretSpan[] = [];
  const isEnough = pieceCounter();
  for (const leaf of yield* jsonLeaves(text, (name, raw) => telling.test(name) || holdsMore(raw))) {
    if (isEnough() || leaf.end - leaf.begin > LONG) yield;
    const raw = text.slice(leaf.begin, leaf.end);
    if (raw === '') continue;
    const value = raw.includes('\\') ? (parsed(raw) ?? raw) : raw;
    const { name, begin, end } = leaf;
    if (isHeaders ? isSecretName(name) : isSecretMember(name, value)) {
      if (!looksLikeVariableName(value, true)) found.push({ begin, end, value, what: name });
      continue;
    }
    const spans = yield* namedIn(value, deeper(around));
    if (spans.length === 0) continue;
    if (raw.length > LONG) yield;
    for (const span of value === raw ? moved(spans, begin) : inside(decodeLeaf(text, leaf), spans))
      found.push(span);
  }
  return found;
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
  return /^\s*[{[]/.test(text) || form.test(text) || curl.test(text);
}

function moved(spans: readonly SecretSpan[], by: number): SecretSpan[] {
  return spans.map((span) => ({ ...span, begin: span.begin + by, end: span.end + by }));
}

/** Pairs of name and value, separated by `&` or by line breaks. */
function* inForm(text: string): Steps<SecretSpan[]> {
  const start = text.length - text.trimStart().length;
  const pair = /(?<=^|[&\n])([\w.%+*[\]-]{1,100})=([^&#\r\n]+)/g;
  const source = text.slice(start);
  const spans: SecretSpan[] = [];
  const isEnough = pieceCounter();
  for (let match = pair.exec(source); match !== null; match = pair.exec(source)) {
    if (isEnough()) yield;
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

function* inCommand(words: readonly DecodedText[], around: Around): Steps<SecretSpan[]> {
  const found: SecretSpan[][] = [];
  for (const [index, word] of words.entries()) {
    const spans = inOptions(word.text, words[index - 1]?.text ?? '') ?? (yield* inData(word.text, around));
    found.push(inside(word, spans));
  }
  return found.flat();
}

/** The secrets in the value of an option that takes one; undefined for any other word. */
function inOptions(word: string, before: string): SecretSpan[] | undefined {
  for (const [kind, pattern] of options) {
    if (pattern.exec(before)?.[0] === before && before !== '') return inOption(kind, word);
    const [own] = pattern.exec(word) ?? [];
    if (own !== undefined && own.length < word.length)
      return moved(inOption(kind, word.slice(own.length)), own.length);
  }
  return undefined;
}

function* inData(word: string, around: Around): Steps<SecretSpan[]> {
  const option = /^(?:-d|--data[\w-]*=|--json=|-F|--form=)/.exec(word)?.[0] ?? '';
  return moved(yield* namedIn(word.slice(option.length), deeper(around)), option.length);
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
