import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEGABYTE = 1024 * 1024;

/** A disk that a test may fill. */
export interface SmallDisk {
  readonly folder: string;
  /** Writes so many megabytes of filler into a file beside what is there. */
  fill(name: string, megabytes: number): void;
  /** Writes filler until nothing more can be written, not a byte. */
  fillUp(name: string): void;
  /** Removes a filler. */
  free(name: string): void;
  unmount(): void;
}

/** Why `mountSmallDisk` gives nothing; for the test that is skipped. */
export const NO_SMALL_DISK = 'needs root, and the right to mount, for a small disk in memory';

/** A disk of 64 MB in memory; undefined where the test may not mount one. Nothing fills the machine's own. */
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
      // What still has a file open there, such as a process that is just ending, must not keep the test from its end.
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
