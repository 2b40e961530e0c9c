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
 * A file of flows, each flow without an id with one that is made of the file's content: the same file then holds the same flows each
 * time. Any other file is returned unchanged.
 */
export function withLastingIds(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let file: unknown;
  try {
    file = JSON.parse(
      Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\ufeff/, ''),
    );
  } catch {
    return bytes;
  }
  const named = nameFlows(file, bytes);
  return named === file ? bytes : new Uint8Array(Buffer.from(JSON.stringify(named)));
}

/** The same value when no flow lacks an id. */
function nameFlows(file: unknown, bytes: Uint8Array): unknown {
  if (lacksId(file)) return { ...file, id: lastingId(bytes) };
  const members = isPlainObject(file) ? file['flows'] : file;
  if (!Array.isArray(members) || !members.some(lacksId)) return file;
  // Node-RED's list of nodes, where a group has nodes of its own.
  if (members.every((member) => isPlainObject(member) && 'type' in member)) return file;
  const named = members.map((member: unknown, index) =>
    lacksId(member) ? { ...member, id: lastingId(bytes, index) } : member,
  );
  return isPlainObject(file) ? { ...file, flows: named } : named;
}

/** Whether this is a flow without an id that an import keeps. */
function lacksId(flow: unknown): flow is Record<string, unknown> {
  if (!isPlainObject(flow) || KEPT_ID.test(String(flow['id']))) return false;
  return isPlainObject(flow['data']) || Array.isArray(flow['nodes']);
}

/** @param index  of the flow in a file with a list of flows */
function lastingId(bytes: Uint8Array, index?: number): string {
  const hex = createHash('sha256')
    .update(bytes)
    .update(String(index ?? ''))
    .digest('hex');
  // Version 8 is for ids that an application defines itself; then follows the variant. Source: RFC 9562.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
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
