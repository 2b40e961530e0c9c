import { setImmediate as nextTurn } from 'node:timers/promises';
import { causewayError } from '@causeway/contracts';
import { textDepth, textValues } from '@causeway/dag';

/** Levels of nesting that a caller's JSON may have: as many as a flow file. */
export const MAX_DEPTH = 200;
/** Values that it may have: what parsing costs, in time and memory, goes by their number and not by the size of the text. */
const MOST_VALUES = 100_000;
/** Texts beyond this are looked at and parsed in turns of their own, so that others are served between. */
const LONG_CHARACTERS = 256 * 1024;

/**
 * Parses a caller's JSON. Parsers of nested values recurse and make an object of each: a bomb is refused before any of them sees it.
 *
 * @param where  names the text in errors
 * @throws CausewayError REQUEST_INVALID; SyntaxError for what is no JSON
 */
export async function parseJsonText(text: string, where: string): Promise<unknown> {
  const isLong = text.length > LONG_CHARACTERS;
  if (textDepth(text, MAX_DEPTH) > MAX_DEPTH) throw tooDeep(where);
  if (isLong) await nextTurn();
  if (textValues(text, MOST_VALUES) > MOST_VALUES) throw tooManyValues(where, MOST_VALUES);
  if (isLong) await nextTurn();
  const value = JSON.parse(text) as unknown;
  // What is done with it comes after others, too.
  if (isLong) await nextTurn();
  return value;
}

/** The refusal of a text that nests too deep. */
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
