import { setImmediate as nextTurn } from 'node:timers/promises';
import { causewayError } from '@causeway/contracts';
import { textDepth, textValues } from '@causeway/dag';

/** Levels of nesting that a caller's JSON may have: as many as a flow file. */
const MAX_DEPTH = 200;
/** Values that it may have: what parsing costs, in time and memory, goes by their number and not by the size of the text. */
const MOST_VALUES = { body: 200_000, flow: 1_000_000 } as const;
/** Texts beyond this are looked at and parsed in turns of their own, so that others are served between. */
const LONG_CHARACTERS = 256 * 1024;

/**
 * Parses a caller's JSON. Parsers of nested values recurse and make an object of each: a bomb is refused before any of them sees it.
 *
 * @param where  names the text in errors
 * @throws CausewayError REQUEST_INVALID; SyntaxError for what is no JSON
 */
export async function parseJsonText(
  text: string,
  where: string,
  holds: keyof typeof MOST_VALUES = 'body',
): Promise<unknown> {
  const isLong = text.length > LONG_CHARACTERS;
  if (textDepth(text, MAX_DEPTH) > MAX_DEPTH)
    throw invalid(`${where}: nested deeper than the limit of ${MAX_DEPTH} levels`);
  if (isLong) await nextTurn();
  const most = MOST_VALUES[holds];
  if (textValues(text, most) > most)
    throw invalid(`${where}: more than ${most} values, the limit of a request`);
  if (isLong) await nextTurn();
  return JSON.parse(text);
}

function invalid(problems: string): Error {
  return causewayError('REQUEST_INVALID', { problems });
}
