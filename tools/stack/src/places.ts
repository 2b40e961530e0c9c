import { chownSync, lchownSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout this program runs from. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** Server programs that are not the machine's own: shared by all homes of a checkout, safe to delete. */
export function programsFolder(): string {
  return placeFor(join(ROOT, '.causeway/programs'));
}

export const isRoot = process.getuid?.() === 0;

/**
 * A folder that the unprivileged user can reach: the requested one or, when a folder above it is closed to others
 * (a checkout below /root), a corresponding one below /var/tmp. For an ordinary user always the requested one.
 */
export function placeFor(wished: string): string {
  if (process.getuid?.() !== 0 || isOpenToOthers(dirname(wished))) return wished;
  const outer = join(
    '/var/tmp',
    `causeway-${createHash('sha256').update(wished).digest('hex').slice(0, 12)}`,
  );
  mkdirSync(outer, { recursive: true, mode: 0o711 });
  const found = lstatSync(outer);
  // Every user may create names below /var/tmp, so a folder of another user must not be trusted.
  if (!found.isDirectory() || found.uid !== 0) {
    throw new Error(
      `${outer} belongs to another user: remove it, or set CAUSEWAY_HOME to a folder others may enter`,
    );
  }
  return join(outer, basename(wished));
}

/**
 * Creates a folder and its missing parents. Node's own function tries for ever where the system allows no new folders, as below
 * /proc.
 */
export function ensureFolder(folder: string): void {
  const isFolder = (): boolean => statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isFolder()) return;
  if (dirname(folder) !== folder) ensureFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have created it meanwhile.
    if (!isFolder()) throw error;
  }
}

/** A user of the system, by numbers. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Creates a folder that belongs to this user or, without one, to the current user. */
export function makeFolderFor(user: Owner | undefined, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user) chownSync(folder, user.uid, user.gid);
}

/** Gives a folder and all below it to this user, where another one has it: an earlier release ran Postgres as `nobody`. */
export function giveTo(user: Owner | undefined, folder: string): void {
  if (!user || lstatSync(folder).uid === user.uid) return;
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(folder, entry), user.uid, user.gid);
  // The folder itself is changed last: after a crash in between, its owner shows the next start that the work is not finished.
  chownSync(folder, user.uid, user.gid);
}

function isOpenToOthers(folder: string): boolean {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = statSync(at, { throwIfNoEntry: false });
    if (found && (found.mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
