import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

/**
 * Reports every file that changes in a folder or below. Node's own recursive watch loses a file whose editor saves by renaming, as
 * most editors do; a watch on each folder reports that too.
 *
 * @param isWatched  whether to watch a folder of this name
 * @param changed    is called with the path of the file
 */
export function watchTree(
  root: string,
  isWatched: (name: string) => boolean,
  changed: (path: string) => void,
): { close(): void } {
  const watchers = new Map<string, FSWatcher>();
  const drop = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const add = (folder: string, isNew: boolean): void => {
    // A folder may be deleted before it is read.
    if (watchers.has(folder) || !isFolder(folder)) return;
    const watcher = watch(folder, (_, name) => {
      if (name === null) return;
      const path = join(folder, name);
      if (!isFolder(path)) {
        drop(path);
        changed(path);
      } else if (isWatched(name)) add(path, true);
    });
    watchers.set(folder, watcher);
    watcher.on('error', () => drop(folder));
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && isWatched(entry.name)) add(path, isNew);
      // The files of a new folder existed before the watch began.
      else if (isNew && entry.isFile()) changed(path);
    }
  };
  add(root, false);
  return { close: () => [...watchers.keys()].forEach(drop) };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
