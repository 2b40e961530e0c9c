import { type Part, html } from './html.js';

/** Characters that are not seen, or turn the text around them: controls but for line breaks and tabs, and marks of direction. Joiners, which emoji need, are not among them. */
const UNSEEN = /(?![\n\t\u200C\u200D])[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A text from elsewhere as a reader sees it: what would be invisible, or would change the order of what is read, is shown by its number. */
export function shownText(text: string): Part {
  if (text.search(UNSEEN) === -1) return text;
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: character, index } of text.matchAll(UNSEEN)) {
    const number = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    parts.push(text.slice(end, index), html`<span class="unseen">U+${number}</span>`);
    end = index + character.length;
  }
  return [...parts, text.slice(end)];
}

/** The same for a place that holds only text, such as the title of a window. */
export function plainText(text: string): string {
  return text.replaceAll(UNSEEN, '\uFFFD');
}
