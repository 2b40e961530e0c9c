import { readFileSync } from 'node:fs';

/** One import of a file: the imported name and its line. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly typeOnly: boolean;
}

/** A source file for the rules. `path` is relative to the repository, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  /** `libs/dag`, `services/auth`… */
  readonly project: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly isTest: boolean;
}

const importPattern =
  /(?:^|[\s;}])(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

/** Reads a file and finds its imports, static and dynamic, and re-exports. */
export function readSourceFile(root: string, path: string): SourceFile {
  const text = readFileSync(`${root}/${path}`, 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '));
  const imports = [...code.matchAll(importPattern)].map((match) => ({
    specifier: (match[2] ?? match[3]) as string,
    line: code.slice(0, match.index).split('\n').length + (match[0].startsWith('\n') ? 1 : 0),
    typeOnly: match[1] !== undefined,
  }));
  return {
    path,
    project: path.split('/').slice(0, 2).join('/'),
    text: code,
    imports,
    isTest: /\.test\.ts$|\/test\//.test(path),
  };
}
