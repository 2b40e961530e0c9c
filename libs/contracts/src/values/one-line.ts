/**
 * Whether a text can be shown inside a line without changing what stands around it: no control character, no line break, and nothing that
 * turns the direction of writing around.
 */
export function isOneLine(text: string): boolean {
  return text.isWellFormed() && !/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(text);
}

/** What is said of a name that is not one. */
export const NOT_ONE_LINE = 'holds a line break, another control character or a half of a character';
