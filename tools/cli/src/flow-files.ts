import { readFileSync, statSync } from 'node:fs';

/** The bytes of a file. @throws Error with the problem in plain words */
export function readNamedFile(file: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new Error(describeFileProblem(error as Error, file), { cause: error });
  }
}

/** The problem of a file in plain words; any other error's own message. */
export function describeFileProblem(error: Error, file?: string): string {
  const { code, path = file } = error as NodeJS.ErrnoException;
  if (path === undefined) return error.message;
  if (code === 'ENOENT' || code === 'ENOTDIR') return `there is no file ${path}`;
  if (code === 'EISDIR') return `${path} is a folder: name one of its files`;
  if (code === 'EACCES' || code === 'EPERM') return `you have no permission to use ${path}`;
  return error.message;
}

/** Whether this text must be the name of a file, because names of flows have another form. */
export function isPath(name: string): boolean {
  return /^\.{0,2}\/|\.(json|zip)$/i.test(name);
}

export function isFolder(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
