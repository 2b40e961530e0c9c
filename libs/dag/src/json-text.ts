/** Bytes of a text in UTF-8; a lone surrogate counts as three, since encoders replace it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(index + 1))) {
      bytes += 2;
      index++;
    } else bytes += 2;
  }
  return bytes;
}

/** How deep brackets nest in a JSON text, found without recursion; stops counting beyond `limit`. */
export function textDepth(text: string, limit: number): number {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE) index = stringEnd(text, index);
    else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
      if (++depth > deepest && (deepest = depth) > limit) return deepest;
    } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) depth--;
  }
  return deepest;
}

/**
 * How many values a JSON text has, counted by its commas and brackets without parsing it; stops counting beyond
 * `limit`.
 */
export function textValues(text: string, limit: number): number {
  let values = 1;
  for (let index = 0; index < text.length && values <= limit; index++) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE) index = stringEnd(text, index);
    else if (unit === COMMA || unit === OPEN_BRACE || unit === OPEN_BRACKET) values++;
  }
  return values;
}

/**
 * How deep objects and lists nest in a value, found without recursion; stops beyond `limit`, so a circular value ends
 * too.
 */
export function valueDepth(value: unknown, limit: number): number {
  let level: unknown[] = [value];
  let depth = 0;
  while (level.length > 0 && depth <= limit) {
    const next: unknown[] = [];
    for (const one of level) {
      if (typeof one !== 'object' || one === null) continue;
      for (const member of Object.values(one))
        if (typeof member === 'object' && member !== null) next.push(member);
    }
    if (level.some((one) => typeof one === 'object' && one !== null)) depth++;
    level = next;
  }
  return depth;
}

/** The line and column of an offset in a text; both count from 1. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/**
 * Offset of the first character that makes a text invalid JSON; undefined when it is JSON.
 * Engines word their own errors differently and often leave out the position.
 * Source: RFC 8259.
 */
export function findJsonError(text: string): number | undefined {
  const open: ('{' | '[')[] = [];
  let at = 0;
  let expected: 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd' | 'end' = 'value';
  const afterValue = (): typeof expected => (open.length === 0 ? 'end' : 'commaOrEnd');
  for (;;) {
    at = skip(/[ \t\n\r]*/y, text, at) ?? at;
    const sign = text[at];
    if (sign === undefined) return expected === 'end' ? undefined : at;
    if (expected === 'end') return at;
    if (expected === 'colon') {
      if (sign !== ':') return at;
      at++;
      expected = 'value';
      continue;
    }
    const closes = sign === (open.at(-1) === '{' ? '}' : ']') && open.length > 0;
    if (closes && (expected === 'commaOrEnd' || expected === 'keyOrEnd' || expected === 'valueOrEnd')) {
      open.pop();
      at++;
      expected = afterValue();
      continue;
    }
    if (expected === 'commaOrEnd') {
      if (sign !== ',') return at;
      at++;
      expected = open.at(-1) === '{' ? 'key' : 'value';
      continue;
    }
    if (expected === 'key' || expected === 'keyOrEnd') {
      const end = skip(stringPattern, text, at);
      if (end === undefined) return at;
      at = end;
      expected = 'colon';
      continue;
    }
    if (sign === '{' || sign === '[') {
      open.push(sign);
      at++;
      expected = sign === '{' ? 'keyOrEnd' : 'valueOrEnd';
      continue;
    }
    const end = skip(stringPattern, text, at) ?? skip(scalarPattern, text, at);
    if (end === undefined) return at;
    at = end;
    expected = afterValue();
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

// One step per character keeps the pattern linear. Control characters are the only ones that JSON does not allow raw in
// a text.
// eslint-disable-next-line no-control-regex
const stringPattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalarPattern = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;

function skip(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function stringEnd(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text.charCodeAt(index) !== QUOTE) {
    index += text.charCodeAt(index) === BACKSLASH ? 2 : 1;
  }
  return index;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
