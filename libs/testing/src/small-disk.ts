import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEGABYTE = 1024 * 1024;

/** A disk that a test may fill. */
export interface SmallDisk {
  readonly folder: string;
  /** Writes so many megabytes into an additional file. */
  fill(name: string, megabytes: number): void;
  /** Writes filler until nothing more can be written, not a byte. */
  fillUp(name: string): void;
  /** Removes such a file. */
  free(name: string): void;
  unmount(): void;
}

/** The reason when `mountSmallDisk` returns undefined; for the message of the skipped test. */
export const NO_SMALL_DISK = 'needs root, and the right to mount, for a small disk in memory';

/** Mounts a disk of 64 MB in memory; undefined when the test may not mount one. The machine's own disk is not filled. */
export function mountSmallDisk(): SmallDisk | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'causeway-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=700', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    folder,
    fill: (name, megabytes) => writeFileSync(join(folder, name), Buffer.alloc(megabytes * MEGABYTE)),
    fillUp: (name) => fillUp(join(folder, name)),
    free: (name) => rmSync(join(folder, name)),
    unmount: () => {
      // A process that is just ending may still have a file open there; `--lazy` keeps that from failing the test.
      execFileSync('umount', ['--lazy', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

function fillUp(file: string): void {
  const descriptor = openSync(file, 'a');
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(MEGABYTE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(descriptor);
  }
}
