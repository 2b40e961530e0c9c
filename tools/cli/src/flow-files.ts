import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { isPlainObject } from '@causeway/dag';

/** The bytes of a file. @throws Error with the problem in plain words */
export function readNamedFile(file: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new Error(describeFileProblem(error as Error, file), { cause: error });
  }
}

/** The form of an id that an import keeps; a flow with another id is a new flow at each import. */
export const KEPT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The file of a flow that has no id, with an id made of its content: the same file is then the same flow each time. Any other file is
 * returned unchanged.
 */
export function withLastingId(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let flow: unknown;
  try {
    flow = JSON.parse(
      Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\ufeff/, ''),
    );
  } catch {
    return bytes;
  }
  if (!isPlainObject(flow) || KEPT_ID.test(String(flow['id']))) return bytes;
  if (!isPlainObject(flow['data']) && !Array.isArray(flow['nodes'])) return bytes;
  const hex = createHash('sha256').update(bytes).digest('hex');
  // Version 8 is for ids that an application defines itself; then follows the variant. Source: RFC 9562.
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return new Uint8Array(Buffer.from(JSON.stringify({ ...flow, id })));
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
