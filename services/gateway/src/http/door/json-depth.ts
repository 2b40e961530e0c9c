import { causewayError } from '@causeway/contracts';
import { textDepth } from '@causeway/dag';

/** Levels of nesting that a caller's JSON may have: as many as a flow file. */
const MAX_DEPTH = 200;

/** Parsers of nested values recurse: a bomb is refused before any of them sees it. Throws REQUEST_INVALID. */
export function checkJsonText(text: string, where: string): void {
  refuseBeyond(textDepth(text, MAX_DEPTH), where);
}

function refuseBeyond(depth: number, where: string): void {
  if (depth > MAX_DEPTH)
    throw causewayError('REQUEST_INVALID', {
      problems: `${where}: nested deeper than the limit of ${MAX_DEPTH} levels`,
    });
}
