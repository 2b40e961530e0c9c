import { setImmediate as nextTurn } from 'node:timers/promises';
import { causewayError } from '@causeway/contracts';
import { textDepth, textValues } from '@causeway/dag';

/** Levels of nesting that a caller's JSON may have: as many as a flow file. */
export const MAX_DEPTH = 200;
/** Most values of it: the cost of parsing, in time and memory, depends on their number and not on the size of the text. */
const MOST_VALUES = 50_000;
/** Longer texts are checked and parsed in separate turns of the event loop, so that other requests are served between. */
const LONG_CHARACTERS = 256 * 1024;

/** Numbers beyond 1e308 have an exponent; without one they have so many digits that a caller means them as a text. */
const HAS_LONG_NUMBER = /\d[eE]\+?\d{3}/;

/**
 * Parses a caller's JSON. Parsers recurse into nested values and make an object of each, so a text with too many is refused before it is parsed.
 *
 * @param where  names the text in errors
 * @throws CausewayError REQUEST_INVALID; SyntaxError when the text is not JSON
 */
export async function parseJsonText(text: string, where: string): Promise<unknown> {
  const isLong = text.length > LONG_CHARACTERS;
  if (textDepth(text, MAX_DEPTH) > MAX_DEPTH) throw tooDeep(where);
  if (isLong) await nextTurn();
  if (textValues(text, MOST_VALUES) > MOST_VALUES) throw tooManyValues(where, MOST_VALUES);
  if (isLong) await nextTurn();
  const value = JSON.parse(text) as unknown;
  // Other requests are also served before the caller uses the result.
  if (isLong) await nextTurn();
  if (HAS_LONG_NUMBER.test(text)) checkFinite(value, where);
  return value;
}

/** Refuses numbers that are too large to be one here, because they would become infinite, and null in the next text. */
function checkFinite(value: unknown, where: string): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw causewayError('REQUEST_INVALID', {
      problems: `${where}: a number is larger than ${Number.MAX_VALUE}; send it as a text`,
    });
  if (typeof value !== 'object' || value === null) return;
  for (const member of Object.values(value)) checkFinite(member, where);
}

/** The refusal of a text that is nested too deep. */
export function tooDeep(where: string): Error {
  return causewayError('REQUEST_INVALID', {
    problems: `${where}: nested deeper than the limit of ${MAX_DEPTH} levels`,
  });
}

/** The refusal of a text with too many values. */
export function tooManyValues(where: string, most: number): Error {
  return causewayError('REQUEST_INVALID', {
    problems: `${where}: more than ${most} values, the limit of a request`,
  });
}
