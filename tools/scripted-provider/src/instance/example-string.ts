import { cutText } from '../cut-text.js';
import type { JsonObject } from './flatten-schema.js';
import { compilePattern, samplePattern } from './sample-pattern.js';

/** Characters (code points) of the user's text that go into a field that asks for it. */
const MAX_USER_TEXT = 200;
/** No example is made longer than this, whatever `minLength` says. */
const MAX_EXAMPLE_LENGTH = 100_000;

const FORMATS: Readonly<Record<string, (nth: number) => string>> = {
  'date-time': (nth) => `2024-01-15T10:${twoDigits(nth)}:00Z`,
  date: (nth) => `2024-01-${twoDigits(1 + (nth % 28))}`,
  time: (nth) => `10:${twoDigits(nth)}:00Z`,
  duration: (nth) => `P${nth + 1}D`,
  email: (nth) => `someone${suffix(nth)}@example.com`,
  'idn-email': (nth) => `someone${suffix(nth)}@example.com`,
  hostname: (nth) => `www${suffix(nth)}.example.com`,
  'idn-hostname': (nth) => `www${suffix(nth)}.example.com`,
  ipv4: (nth) => `192.0.2.${(nth % 250) + 1}`,
  ipv6: (nth) => `2001:db8::${(nth + 1).toString(16)}`,
  uri: (nth) => exampleUrl(nth),
  iri: (nth) => exampleUrl(nth),
  url: (nth) => exampleUrl(nth),
  'uri-reference': (nth) => exampleUrl(nth),
  'iri-reference': (nth) => exampleUrl(nth),
  'uri-template': (nth) => exampleUrl(nth),
  uuid: (nth) => `123e4567-e89b-42d3-a456-${nth.toString(16).padStart(12, '0')}`,
  'json-pointer': (nth) => `/example/${nth}`,
  'relative-json-pointer': (nth) => `${nth}/example`,
  regex: (nth) => `example${suffix(nth)}`,
  byte: (nth) => Buffer.from(`example${suffix(nth)}`).toString('base64'),
  base64: (nth) => Buffer.from(`example${suffix(nth)}`).toString('base64'),
  base64url: (nth) => Buffer.from(`example${suffix(nth)}`).toString('base64url'),
};

/** Examples by words of a field's name. The first that fits is used; the last words of a name count most. */
const NAME_HINTS: readonly (readonly [RegExp, (nth: number, userText: string) => string])[] = [
  [/(^| )(urls?|uris?|links?|href|website|endpoint)$/, (nth) => exampleUrl(nth)],
  [/(^| )(expressions?|formula|equation|calculation)$/, (nth) => `2+${nth + 2}`],
  [/(^| )e ?mail( address)?$/, (nth) => `someone${suffix(nth)}@example.com`],
  [/(^| )(path|file( name)?|filename)$/, (nth) => `example${suffix(nth)}.txt`],
  [/(^| )(python code|code|script)$/, (nth) => `print(2 + ${nth + 2})`],
  [/(^| )sql( query)?$/, (nth) => `SELECT ${nth + 1}`],
  [/(^| )(date)$/, (nth) => `2024-01-${twoDigits(1 + (nth % 28))}`],
  [
    /(^| )(query|question|input( value)?|prompt|search( term)?|message|text|topic|task|request|q|keywords?|instructions?|content)$/,
    (nth, userText) => (userText === '' ? `Example text${suffix(nth, ' ')}` : userText + suffix(nth, ' ')),
  ],
];

/** True when the name alone shows what a string of this field contains. */
export function isTellingName(name: string): boolean {
  const words = wordsOf(name);
  return NAME_HINTS.some(([hint]) => hint.test(words));
}

/**
 * A string for a field: by its format, its pattern or its name, within its lengths.
 *
 * @param nth  0 for the first value; others differ from it, for arrays of unique items
 */
export function exampleString(name: string, schema: JsonObject, userText: string, nth: number): string {
  const { minLength, maxLength, format, pattern } = schema;
  const least = Math.min(typeof minLength === 'number' ? minLength : 0, MAX_EXAMPLE_LENGTH);
  const most = typeof maxLength === 'number' ? maxLength : MAX_EXAMPLE_LENGTH;
  const expression = typeof pattern === 'string' ? compilePattern(pattern) : undefined;
  const byFormat = typeof format === 'string' ? FORMATS[format]?.(nth) : undefined;
  if (byFormat !== undefined && (expression === undefined || expression.test(byFormat))) return byFormat;
  const plain = fitLength(exampleByName(name, userText, nth), least, most);
  if (expression === undefined || expression.test(plain)) return plain;
  return samplePattern(String(pattern), least, most) ?? plain;
}

function exampleByName(name: string, userText: string, nth: number): string {
  const words = wordsOf(name);
  const hint = NAME_HINTS.find(([expression]) => expression.test(words));
  if (hint !== undefined) return hint[1](nth, cutText(userText, MAX_USER_TEXT));
  return `Example ${words === '' ? 'text' : words}${suffix(nth, ' ')}`;
}

/** `first_name`, `firstName` and `first-name` all read "first name". */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();
}

function fitLength(text: string, least: number, most: number): string {
  let fitted = [...text];
  if (fitted.length < least) {
    fitted = [...(text === '' ? 'x' : `${text} `).repeat(Math.ceil(least / Math.max(1, fitted.length)))];
    fitted = fitted.slice(0, least);
  }
  return fitted.length > most ? fitted.slice(0, most).join('') : fitted.join('');
}

function exampleUrl(nth: number): string {
  return nth === 0 ? 'https://example.com' : `https://example.com/${nth + 1}`;
}

function suffix(nth: number, gap = ''): string {
  return nth === 0 ? '' : `${gap}${nth + 1}`;
}

function twoDigits(nth: number): string {
  return String(nth % 60).padStart(2, '0');
}
