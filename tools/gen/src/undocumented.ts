/** A setting that code reads and no page explains. */
export interface Undocumented {
  readonly name: string;
  /** A file that names it. */
  readonly file: string;
}

const OURS = /\b(?:CAUSEWAY|LANGFLOW|CHECK_S3)_[A-Z0-9_]*[A-Z0-9]\b/g;
const ROW = /^\| `([A-Z0-9_]+)/gm;

/**
 * Settings of ours that sources name and that are no row of a settings table: a setting that is not documented does not exist.
 *
 * @param sources  texts by file; tests left out, which make up names
 * @param pages    texts of the pages that have settings tables
 */
export function findUndocumented(
  sources: ReadonlyMap<string, string>,
  pages: readonly string[],
): readonly Undocumented[] {
  const documented = new Set(pages.flatMap((page) => [...page.matchAll(ROW)].map(([, name]) => name)));
  const found = new Map<string, string>();
  for (const [file, text] of sources)
    for (const [name] of text.matchAll(OURS))
      if (!documented.has(name) && !found.has(name)) found.set(name, file);
  return [...found].map(([name, file]) => ({ name, file }));
}
