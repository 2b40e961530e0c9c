import type { RunInput } from '@causeway/contracts';
import { isPlainObject } from '@causeway/dag';

/** As often as a flow may undo the escapes of a text; beyond it whoever wrote them hides something, and counts as naming every file. */
const MOST_ROUNDS = 10;

/**
 * Whether a request names a file: in any of its texts, also where a flow would first have to read it out of JSON or percent-encoding, however
 * deep one lies in the other. A text that is no such thing but looks like it counts too: then the run reads one file less.
 */
export function fileNaming(request: RunInput): (path: string) => boolean {
  let texts: readonly (string | undefined)[] | undefined;
  return (path) => {
    texts ??= [...textsOf(request)].map(plain);
    const wanted = plain(path);
    return texts.some((text) => text === undefined || (wanted !== undefined && text.includes(wanted)));
  };
}

/** Every text of a value, and every name of a member. */
function* textsOf(root: unknown): Generator<string> {
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') yield value;
    else if (Array.isArray(value)) for (const item of value) open.push(item);
    else if (isPlainObject(value))
      for (const [name, member] of Object.entries(value)) open.push(name, member);
  }
}

/** A text without escapes and backslashes; undefined when there is no end to them. However many backslashes stand before an escape, some depth of JSON reads it as one. */
function plain(text: string): string | undefined {
  let known = text;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = known
      .replace(/\\+u([0-9a-f]{4})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/(?:%[0-9a-f]{2})+/gi, percentDecoded);
    if (next === known) return known.replaceAll('\\', '');
    known = next;
  }
  return undefined;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Bytes that are not UTF-8: what is ASCII among them is decoded all the same.
    return text.replace(/%([0-7][0-9a-f])/gi, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
}
