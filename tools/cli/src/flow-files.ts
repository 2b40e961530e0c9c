import { readFileSync, statSync } from 'node:fs';

/** The bytes of a file. @throws Error that says what is wrong in plain words */
export function readNamedFile(file: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new Error(describeFileProblem(error as Error, file), { cause: error });
  }
}

/** What went wrong: of a file in plain words, of anything else as it says itself. */
export function describeFileProblem(error: Error, file?: string): string {
  const { code, path = file } = error as NodeJS.ErrnoException;
  if (path === undefined) return error.message;
  if (code === 'ENOENT' || code === 'ENOTDIR') return `there is no file ${path}`;
  if (code === 'EISDIR') return `${path} is a folder: name one of its files`;
  if (code === 'EACCES' || code === 'EPERM') return `you have no permission to use ${path}`;
  return error.message;
}

/** Whether this can be nothing but a file: names of flows do not look so. */
export function isPath(name: string): boolean {
  return /^\.{0,2}\/|\.(json|zip)$/i.test(name);
}

export function isFolder(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
