/** A text that Postgres accepts: without NUL and lone surrogates, at most `length` UTF-16 units long. */
export function cleanText(text: string, length: number): string {
  return text
    .replaceAll('\u0000', '\uFFFD')
    .toWellFormed()
    .slice(0, length)
    .replace(/[\uD800-\uDBFF]$/, '');
}
