import { type DecodedText, Decoding } from './decoded-text.js';
import { type Steps, pieceCounter } from './steps.js';

/** A text or a number inside a JSON text. */
export interface JsonLeaf {
  /** The name of the member that contains it, also through a list; in a row of key and value, the value of `key`. */
  readonly name: string;
  /** Without quotation marks. */
  readonly begin: number;
  readonly end: number;
}

/** The limit of nested lists and objects. */
const MOST_DEEP = 200;

const BACKSLASH = 92;
const QUOTE = 34;

interface Frame {
  readonly isList: boolean;
  /** The name for its members without a name of their own. */
  readonly name: string;
  member: string;
  /** The name that the row gives to its value: its `key`, else its `name`. */
  row: string | undefined;
  hasValue: boolean;
}

/** Whether a text may be JSON, an object or a list of more than words. */
export function looksLikeJson(text: string): boolean {
  return /^\s*(?:\{\s*"|\[\s*["{[])/.test(text);
}

/**
 * The texts and numbers of a JSON text, with their positions. If the text is not valid JSON, such as a template with placeholders, it
 * is read up to the first error.
 *
 * @param isWanted  decides by the name of a member and the raw text of a leaf whether the leaf can matter
 */
export function* jsonLeaves(
  text: string,
  isWanted: (name: string, leaf: string) => boolean,
): Steps<JsonLeaf[]> {
  const found: JsonLeaf[] = [];
  const isEnough = pieceCounter();
  const frames: Frame[] = [{ isList: true, name: '', member: '', row: undefined, hasValue: false }];
  const keep = (begin: number, end: number): void => {
    const frame = frames.at(-1) as Frame;
    const member = frame.isList ? frame.name : frame.member;
    const leaf = text.slice(begin, end);
    if (!frame.isList && (member === 'key' || (member === 'name' && frame.row === undefined)))
      frame.row = leaf;
    if (!frame.isList && member === 'value') frame.hasValue = true;
    if (member === 'value' || isWanted(member, leaf)) found.push(new FoundLeaf(begin, end, frame, member));
  };
  const token = /[{}[\]"]|-?\d[\d.eE+-]*/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (isEnough()) yield;
    const [sign] = match;
    const frame = frames.at(-1) as Frame;
    if (sign === '{' || sign === '[') {
      if (frames.length > MOST_DEEP) break;
      const name = frame.isList ? frame.name : frame.member;
      frames.push({ isList: sign === '[', name, member: '', row: undefined, hasValue: false });
    } else if (sign === '}' || sign === ']') {
      if (frames.length > 1) frames.pop();
    } else if (sign === '"') {
      const begin = match.index + 1;
      const end = endOfText(text, begin);
      token.lastIndex = end + 1;
      if (!frame.isList && isName(text, end + 1)) frame.member = text.slice(begin, end);
      else keep(begin, end);
    } else keep(match.index, match.index + sign.length);
  }
  return found;
}

/** Its name is known when its row has been read. */
class FoundLeaf implements JsonLeaf {
  constructor(
    readonly begin: number,
    readonly end: number,
    private readonly frame: Frame,
    private readonly member: string,
  ) {}

  get name(): string {
    const { frame, member } = this;
    return member === 'value' ? (frame.row ?? member) : isRowName(frame, member) ? '' : member;
  }
}

/** In a row of key and value, the key is not a secret. It names the value. */
function isRowName({ isList, hasValue }: Frame, member: string): boolean {
  return !isList && hasValue && member === 'key';
}

function endOfText(text: string, begin: number): number {
  for (let at = begin; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
  }
  return text.length;
}

function isName(text: string, after: number): boolean {
  let at = after;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

/** The decoded text of a JSON leaf. */
export function decodeLeaf(text: string, { begin, end }: Pick<JsonLeaf, 'begin' | 'end'>): DecodedText {
  const decoding = new Decoding();
  decoding.add(text, begin, end, (at) => {
    const sign = text[at + 1] ?? '';
    if (sign === 'u') {
      const code = /^[\da-f]{4}$/i.test(text.slice(at + 2, at + 6)) ? text.slice(at + 2, at + 6) : undefined;
      return code === undefined
        ? undefined
        : { text: String.fromCharCode(Number.parseInt(code, 16)), length: 6 };
    }
    return { text: { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }[sign] ?? sign, length: 2 };
  });
  return decoding;
}
