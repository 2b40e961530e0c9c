import type { Json, JsonObject } from '@causeway/dag';
import { isPlainObject } from '@causeway/dag';
import { CoerceError } from '../../coerce/coerce-error.js';
import { pythonText } from '../../coerce/text/python-text.js';
import { toDict } from '../../coerce/to-dict.js';
import { toTexts } from '../../coerce/to-text.js';
import { isData, isMessage, isPlain } from '../../coerce/value.js';
import type { FieldInput } from '../component.js';

/** Headers that belong to the connection; a command copied from a browser may have them. */
const connectionHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** A URL with `https://` in front when it names no scheme. */
export function withScheme(text: string): string {
  const url = text.trim();
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `https://${url}`;
}

/** The URLs of a list of texts, each of which may hold several with commas between them. */
export function commaSeparated(input: FieldInput): readonly string[] {
  return toTexts(input).flatMap((text) =>
    text
      .split(',')
      .map((url) => url.trim())
      .filter((url) => url !== ''),
  );
}

/** A URL with these query parameters; one of the same name is replaced. */
export function withQuery(url: string, input: FieldInput): string {
  const parameters =
    typeof input === 'string' ? Object.fromEntries(new URLSearchParams(input)) : toDict(input);
  const parsed = URL.parse(url);
  if (parsed === null || Object.keys(parameters).length === 0) return url;
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) parsed.searchParams.set(name, pythonText(value));
  }
  return parsed.href;
}

/**
 * Makes headers from rows, an object or a Data.
 *
 * @throws CoerceError for a name or value that HTTP does not allow
 */
export function toHeaders(input: FieldInput): Record<string, string> {
  const headers = Object.entries(toDict(input)).filter(
    ([name, value]) => value !== null && value !== '' && !connectionHeaders.has(name.toLowerCase()),
  );
  return Object.fromEntries(
    headers.map(([name, value]) => {
      const text = pythonText(value).trim();
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\0\r\n]/.test(text)) {
        throw new CoerceError(
          `has the header ${JSON.stringify(name.slice(0, 40))}, which HTTP does not allow`,
        );
      }
      return [name, text];
    }),
  );
}

/** A body as the JSON object to send: rows of key and value, an object, a Data; JSON in a text value is parsed. */
export function toBody(input: FieldInput): JsonObject {
  if (isMessage(input)) return toBody(input.text);
  if (isPlain(input)) return toBody(input.value as FieldInput);
  if (typeof input === 'string' && input !== '') return textBody(input);
  const whole = Array.isArray(input) ? (input as readonly FieldInput[]).find(isWholeBody) : undefined;
  const members = whole === undefined ? toDict(input) : toDict(whole);
  return Object.fromEntries(Object.entries(members).map(([key, value]) => [key, readJson(value)]));
}

function textBody(text: string): JsonObject {
  const parsed = readJson(text);
  if (isPlainObject(parsed)) return parsed as JsonObject;
  return Array.isArray(parsed) ? toBody(parsed) : { data: text };
}

// A Data that is no row of key and value is the body itself.
function isWholeBody(item: FieldInput): boolean {
  return isData(item) && !(Object.hasOwn(item.data, 'key') && Object.hasOwn(item.data, 'value'));
}

function readJson(value: Json): Json {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}
