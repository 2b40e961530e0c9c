import { MARK_CHARACTERS, shortText } from '../short-text.js';
import { maskKeys } from './key-shapes.js';

/** So many characters beyond the cut are searched too, so that a key across the cut is found. */
const BEYOND_CHARACTERS = 2_000;

/**
 * A text of at most `most` characters without keys. It is masked before it is cut, since a part of a key is not
 * recognised; of a long text only the beginning is masked, so the time does not depend on its length. The word at the
 * cut is left out, unless it is most of the text: it may be a part of a secret that `mask` does not know.
 *
 * @param mask  masks secrets in a text @default maskKeys
 */
export function shortMasked(text: string, most: number, mask: (text: string) => string = maskKeys): string {
  const searched = text.slice(0, most + BEYOND_CHARACTERS);
  const masked = mask(searched);
  const unsearched = text.length - searched.length;
  if (unsearched === 0 && masked.length <= most) return masked;
  // The last word that was searched may be a part of a longer one. Masks shorten a text, so it may be before the cut.
  const whole = unsearched === 0 ? masked.length : beforeWord(masked, masked.length, BEYOND_CHARACTERS);
  const cut = Math.min(most - MARK_CHARACTERS, whole);
  const begin = beforeWord(masked, cut, cut / 2);
  const end = begin > cut / 2 ? begin : cut;
  return shortText(masked.slice(0, end), most, masked.length - end + unsearched);
}

/**
 * A text that is masked later, by whoever shows it: unchanged unless it is too long. A longer one is cut by
 * `shortMasked`, since the part of a key that the cut leaves would not be recognised later.
 */
export function shortUnmasked(text: string, most: number): string {
  return text.length <= most ? text : shortMasked(text, most);
}

/** Where the word begins that ends at `end`, but no more than `most` characters before that. */
function beforeWord(text: string, end: number, most: number): number {
  let begin = end;
  while (begin > end - most && begin > 0 && !/[\s"'<>{}\\]/.test(text.charAt(begin - 1))) begin -= 1;
  return begin;
}
