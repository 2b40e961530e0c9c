import { keysIn } from './key-shapes.js';

/** At least two words in capitals: the usual form of variable names, and hardly ever that of a key or a password. */
const conventional = /^(?=.{3,100}$)[A-Z]{1,24}\d{0,4}(?:_(?:[A-Z]{1,24}\d{0,4}|\d{1,4}))+$/;
/** Any other likely name. */
const plain = /^\w[\w .-]{0,99}$/;
/** Twenty or more letters and digits without a separator. */
const random = /(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}/;

/**
 * True when a text may be shown as the name of a variable that does not exist: it could be a key that was typed into
 * the wrong field.
 *
 * @param isSecret  the field is marked as secret: then only names in capitals, such as OPENAI_API_KEY, may be shown
 */
export function looksLikeVariableName(text: string, isSecret: boolean): boolean {
  if (conventional.test(text)) return true;
  return !isSecret && plain.test(text) && !random.test(text) && keysIn(text).length === 0;
}
