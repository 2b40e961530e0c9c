import { type Dirent, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { joinShort } from '@causeway/dag';
import { isFolder } from './flow-files.js';

/** Limits of a named folder; a folder with more was probably named by mistake. */
export interface FolderLimits {
  /** Most flow files of one named folder. @default 5,000 */
  readonly files: number;
  /** Most files and folders of any kind in it. @default 100,000 */
  readonly entries: number;
  /** Deepest nesting of folders. @default 20 */
  readonly depth: number;
}

const LIMITS: FolderLimits = { files: 5_000, entries: 100_000, depth: 20 };

/**
 * The files that a user names, each once; a folder means the flow files in it and in the folders below, in the order of their
 * names. Hidden files and folders, `node_modules` and symbolic links in a folder are left out.
 *
 * @param tell  is called with a line about the links that were left out
 * @throws Error when a folder has no flow file, or more than the limits allow
 */
export function listFiles(
  named: readonly string[],
  endings: readonly string[],
  tell: (text: string) => void = () => {},
  limits: FolderLimits = LIMITS,
): string[] {
  const files = named.flatMap((name) => {
    if (!isFolder(name)) return [name];
    const walk = new Walk(name, endings, limits);
    const inside = walk.list();
    if (walk.links.length > 0)
      tell(
        `symbolic links are not followed; name the file or folder itself: ${joinShort(walk.links, ', ', 5)}`,
      );
    if (inside.length > 0) return inside;
    throw new Error(`the folder ${name} and the folders in it contain no ${endings.join(' or ')} file`);
  });
  const seen = new Set<string>();
  return files.filter((file) => {
    const place = realPath(file);
    return !seen.has(place) && seen.add(place);
  });
}

/** The search through one named folder. */
class Walk {
  readonly links: string[] = [];
  private readonly files: string[] = [];
  private entries = 0;

  constructor(
    private readonly root: string,
    private readonly endings: readonly string[],
    private readonly limits: FolderLimits,
  ) {}

  list(): string[] {
    this.visit(this.root, 1);
    return this.files;
  }

  private visit(folder: string, depth: number): void {
    if (depth > this.limits.depth)
      throw this.tooMuch(`folders nested more than ${this.limits.depth} deep, such as ${folder}`);
    for (const entry of readFolder(folder)) {
      const path = join(folder, entry.name);
      if (++this.entries > this.limits.entries)
        throw this.tooMuch(`more than ${this.limits.entries} files and folders`);
      if (isPassedOver(entry)) continue;
      const isFlowFile = this.endings.some((ending) => entry.name.endsWith(ending));
      if (entry.isSymbolicLink()) {
        if (isFlowFile || isFolder(path)) this.links.push(path);
      } else if (entry.isDirectory()) this.visit(path, depth + 1);
      else if (entry.isFile() && isFlowFile) {
        if (this.files.push(path) > this.limits.files)
          throw this.tooMuch(`more than ${this.limits.files} ${this.endings.join(' or ')} files`);
      }
    }
  }

  private tooMuch(what: string): Error {
    return new Error(`the folder ${this.root} contains ${what}: name a smaller folder, or the files`);
  }
}

/** Compares names, in the same order on every machine, whatever its language. */
function readFolder(folder: string): Dirent[] {
  return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function isPassedOver({ name }: Dirent): boolean {
  return name.startsWith('.') || name === 'node_modules';
}

/** One form for all ways to write a path; for a file that does not exist, the path as written. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
