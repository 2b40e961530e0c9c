import type { Json } from '@causeway/dag';
import { isPlainObject } from '@causeway/dag';
import { CoerceError } from '../coerce-error.js';
import { checkTemplateLength, checkTextLength } from '../limits.js';
import { pythonText } from './python-text.js';

/** A wider cell is a mistake or an attack. */
const maxWidth = 1000;

/**
 * Fills `{name}` places as Python's `str.format` does: `{{` and `}}` are braces, `{name[key]}` reads a member of an
 * object or list, `{name:>10}` and `{price:,.2f}` format the value.
 *
 * @param find value of a name; for a missing one it throws CoerceError or returns a replacement
 * @throws CoerceError for a place that cannot be read, or a text over `maxTextLength`
 */
export function fillTemplate(template: string, find: (name: string) => Json): string {
  checkTemplateLength(template.length);
  let length = template.length;
  return template.replace(places, (token: string, place: string | undefined) => {
    if (token === '{{' || token === '}}') return token[0] as string;
    if (place === undefined) throw singleBrace(token);
    const text = fillPlace(place, find);
    length += text.length;
    checkTextLength(length);
    return text;
  });
}

/**
 * Finds the first place of a template that cannot be read, whatever its values are.
 *
 * @throws CoerceError as `fillTemplate` does
 */
export function checkTemplate(template: string): void {
  checkTemplateLength(template.length);
  for (const [token, place] of template.matchAll(places)) {
    if (token === '{{' || token === '}}') continue;
    if (place === undefined) throw singleBrace(token);
    const { layout } = readPlace(place);
    if (layout !== undefined && layout !== '') readLayout(layout);
  }
}

const places = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

function singleBrace(token: string): CoerceError {
  return new CoerceError(`has a single ${token}; write ${token}${token} for a brace in the text`);
}

function readPlace(place: string): { name: string; keys: string; layout: string | undefined } {
  const parts = /^([^[\]:!.]+)((?:\[[^[\]]+\])*)(?:![sr])?(?::(.*))?$/s.exec(place);
  if (parts === null) {
    throw new CoerceError(
      `has the place {${place.slice(0, 40)}}, which names no key; write {key} or {key[inner]}`,
    );
  }
  const [, name, keys, layout] = parts as unknown as [string, string, string, string | undefined];
  return { name, keys, layout };
}

function fillPlace(place: string, find: (name: string) => Json): string {
  const { name, keys, layout } = readPlace(place);
  let value: Json = find(name);
  for (const [, key] of keys.matchAll(/\[([^[\]]+)\]/g)) value = memberOf(value, key as string, place);
  return layout === undefined || layout === '' ? pythonText(value) : layOut(value, layout);
}

function memberOf(value: Json, key: string, place: string): Json {
  const member = Array.isArray(value)
    ? value[Number(key)]
    : isPlainObject(value) && Object.hasOwn(value, key)
      ? (value[key] as Json)
      : undefined;
  if (member === undefined)
    throw new CoerceError(`has the place {${place.slice(0, 40)}}, but there is no ${key.slice(0, 40)} in it`);
  return member;
}

function readLayout(layout: string): RegExpExecArray {
  const parts = /^(?:(.)?([<>^]))?([+ ])?(0)?(\d{1,4})?(,)?(?:\.(\d{1,2}))?([dfs%])?$/.exec(layout);
  if (parts === null || Number(parts[5] ?? 0) > maxWidth) {
    throw new CoerceError(
      `has the layout :${layout.slice(0, 20)}, which is not known; use for example :.2f or :>10`,
    );
  }
  return parts;
}

function layOut(value: Json, layout: string): string {
  const [, fill = ' ', align, sign, zero, width = '0', comma, digits, kind] = readLayout(layout);
  const number = typeof value === 'number' ? value : Number.NaN;
  if (Number.isNaN(number) && (kind === 'd' || kind === 'f' || kind === '%' || comma !== undefined)) {
    throw new CoerceError(`has the layout :${layout.slice(0, 20)}, but the value is no number`);
  }
  const text = Number.isNaN(number)
    ? pythonText(value).slice(0, digits === undefined ? undefined : Number(digits))
    : numberText(number, { sign, comma, digits, kind });
  const direction = align ?? (Number.isNaN(number) ? '<' : '>');
  const filler = zero === undefined || align !== undefined ? fill : '0';
  if (direction === '<') return text.padEnd(Number(width), filler);
  if (direction === '>') return text.padStart(Number(width), filler);
  return text
    .padStart(text.length + Math.floor(Math.max(0, Number(width) - text.length) / 2), filler)
    .padEnd(Number(width), filler);
}

function numberText(
  number: number,
  layout: {
    sign?: string | undefined;
    comma?: string | undefined;
    digits?: string | undefined;
    kind?: string | undefined;
  },
): string {
  const shown = layout.kind === '%' ? number * 100 : number;
  const fixed =
    layout.kind === 'd'
      ? String(Math.trunc(shown))
      : layout.digits !== undefined || layout.kind === 'f' || layout.kind === '%'
        ? shown.toFixed(Number(layout.digits ?? 6))
        : String(shown);
  const [whole = '', decimals] = fixed.split('.');
  const grouped = layout.comma === undefined ? whole : whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const text = decimals === undefined ? grouped : `${grouped}.${decimals}`;
  return `${layout.sign !== undefined && shown >= 0 ? layout.sign : ''}${text}${layout.kind === '%' ? '%' : ''}`;
}
