import { causewayError } from '@causeway/contracts';
import { textDepth, valueDepth } from '@causeway/dag';

/** Levels of nesting that a caller's JSON may have: as many as a flow file. */
const MAX_DEPTH = 200;

/** Parsers of nested values recurse: a bomb is refused before any of them sees it. Throws REQUEST_INVALID. */
export function checkTextDepth(text: string, where: string): void {
  refuseBeyond(textDepth(text, MAX_DEPTH), where);
}

/** The same for what is parsed already. */
export function checkValueDepth(value: unknown, where: string): void {
  refuseBeyond(valueDepth(value, MAX_DEPTH), where);
}

function refuseBeyond(depth: number, where: string): void {
  if (depth > MAX_DEPTH)
    throw causewayError('REQUEST_INVALID', {
      problems: `${where}: nested deeper than the limit of ${MAX_DEPTH} levels`,
    });
}
