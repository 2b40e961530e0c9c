import { dirname } from 'node:path/posix';
import type { Finding } from './rules.js';
import type { SourceFile } from './source-file.js';

/** Source files that one folder may hold; tests are not counted. */
const MOST_FILES = 15;

/** Folders that may hold more, each with the reason. */
const exceptions: Readonly<Record<string, string>> = {};

/** Finds folders with too many source files: they usually hold two subjects, and a file in them is hard to find. */
export function checkFolders(
  files: readonly SourceFile[],
  mayHoldMore: Readonly<Record<string, string>> = exceptions,
): Finding[] {
  const counts = new Map<string, number>();
  for (const file of files) {
    if (file.isTest) continue;
    const folder = dirname(file.path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const full = [...counts].filter(
    ([folder, count]) => count > MOST_FILES && !Object.hasOwn(mayHoldMore, folder),
  );
  const needless = Object.keys(mayHoldMore).filter((folder) => (counts.get(folder) ?? 0) <= MOST_FILES);
  return [
    ...full.map(([path, count]) => ({
      path,
      line: 1,
      message: `${count} source files; a folder holds at most ${MOST_FILES}: divide it by subject, or name it in tools/lint/src/folders.ts with a reason`,
    })),
    ...needless.map((path) => ({
      path,
      line: 1,
      message: `has at most ${MOST_FILES} source files: remove its exception from tools/lint/src/folders.ts`,
    })),
  ];
}
