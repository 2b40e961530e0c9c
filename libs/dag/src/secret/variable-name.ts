import { keysIn } from './key-shapes.js';

/** Words in capitals, at least two: so names of variables are written, and hardly ever a key or a password. */
const conventional = /^(?=.{3,100}$)[A-Z]{1,24}\d{0,4}(?:_(?:[A-Z]{1,24}\d{0,4}|\d{1,4}))+$/;
/** What a person would call a variable. */
const plain = /^\w[\w .-]{0,99}$/;
/** Letters and digits without a pause. */
const random = /(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}/;

/**
 * True when a text may be shown as the name of a variable that nobody has made: it could be a key that was typed into the
 * wrong place.
 *
 * @param isSecret  the field that holds it is one for secrets: then only names in capitals, such as OPENAI_API_KEY, are
 */
export function looksLikeVariableName(text: string, isSecret: boolean): boolean {
  if (conventional.test(text)) return true;
  return !isSecret && plain.test(text) && !random.test(text) && keysIn(text).length === 0;
}
