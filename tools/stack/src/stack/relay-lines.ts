import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** Writes a child's output to a file and passes on each line. */
export function relayLines(child: ChildProcess, file: string, handOn: (line: string) => void): void {
  const log = createWriteStream(file, { flags: 'a', mode: 0o600 });
  for (const output of [child.stdout, child.stderr]) {
    if (!output) continue;
    output.pipe(log, { end: false });
    createInterface({ input: output }).on('line', handOn);
  }
  child.once('close', () => log.end());
}
