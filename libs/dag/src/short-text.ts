/** Room for the mark. */
export const MARK_CHARACTERS = 32;

/**
 * A text of at most `most` characters; a longer one is cut, with a mark that says how much is left out. For texts of
 * users and providers that appear in messages, errors and logs, since these have no limit of their own. A text that was
 * cut is not cut again. A text that may contain a key is cut by `shortMasked`.
 *
 * @param leftOut  characters that followed the text and are left out already; the mark counts them too @default 0
 */
export function shortText(text: string, most: number, leftOut = 0): string {
  if (leftOut === 0 && text.length <= most) return text;
  if (most <= MARK_CHARACTERS) return most < 1 ? '' : '…';
  const wanted = Math.min(most - MARK_CHARACTERS, text.length);
  const end = isHighSurrogate(text.charCodeAt(wanted - 1)) ? wanted - 1 : wanted;
  return `${text.slice(0, end)}… (${text.length - end + leftOut} more characters)`;
}

/** The first of many texts, joined, with a mark that says how many are left out. */
export function joinShort(texts: readonly string[], separator: string, most = 50): string {
  const first = texts.slice(0, most);
  if (texts.length > most) first.push(`and ${texts.length - most} more`);
  return first.join(separator);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
