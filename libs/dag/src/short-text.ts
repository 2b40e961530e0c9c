/** Room for the mark. */
const MARK_CHARACTERS = 32;

/**
 * A text of at most `most` characters; a longer one is cut, with a mark that says how much is left out. For texts of
 * users and providers that appear in messages, errors and logs, since these have no limit of their own. A text that was
 * cut is not cut again.
 */
export function shortText(text: string, most: number): string {
  if (text.length <= most) return text;
  if (most <= MARK_CHARACTERS) return most < 1 ? '' : '…';
  const wanted = most - MARK_CHARACTERS;
  const end = isHighSurrogate(text.charCodeAt(wanted - 1)) ? wanted - 1 : wanted;
  return `${text.slice(0, end)}… (${text.length - end} more characters)`;
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
