/** A text without spaces in its blank lines, and with at most one blank line in a row. */
export function cleanText(text: string): string {
  return text.replace(/^[^\S\n]+$/gm, '').replace(/\n{3,}/g, '\n\n');
}
