/** Text that is HTML already. */
export class Html {
  constructor(readonly text: string) {}
}

/** What can be written into HTML: texts are escaped, HTML is not, lists are joined, and nothing is nothing. */
export type Part = Html | string | number | false | null | undefined | readonly Part[];

/** Writes HTML. Whatever is put in is text, unless it is HTML itself. */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(pieces.map((piece, at) => piece + (at < parts.length ? written(parts[at]) : '')).join(''));
}

function written(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(written).join('');
  return String(part).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
