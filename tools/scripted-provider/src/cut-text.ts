/** The first `most` characters (code points, so that none is cut in two). */
export function cutText(text: string, most: number): string {
  return text.length <= most
    ? text
    : Array.from(text.slice(0, 2 * most))
        .slice(0, most)
        .join('');
}
