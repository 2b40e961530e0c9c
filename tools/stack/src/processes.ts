import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

/** The data by which a process is recognised later: its pid alone may belong to another program by then. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** When it started, as the operating system writes it; only compared. */
  readonly started: string;
}

/** Makes the record of a process that was just started. */
export function recordOf(name: string, pid: number): ProcessRecord {
  return { name, pid, started: startOf(pid) ?? '' };
}

/** Whether the recorded process still runs; false when its pid now belongs to another program. */
export function isAlive(record: ProcessRecord): boolean {
  return startOf(record.pid) === record.started;
}

/**
 * Asks a recorded process to stop, and kills it when it has not after `graceMs`.
 * Returns when it has ended. Does nothing when it has already ended.
 */
export async function endProcess(
  record: ProcessRecord,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (!isAlive(record)) return;
  trySignal(record.pid, signal);
  if (await goneWithin(record, graceMs)) return;
  trySignal(record.pid, 'SIGKILL');
  await goneWithin(record, 5_000);
}

async function goneWithin(record: ProcessRecord, timeoutMs: number): Promise<boolean> {
  const until = Date.now() + timeoutMs;
  while (isAlive(record)) {
    if (Date.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  // Each process that the stack starts leads a group of its own. When it is asked to stop, it ends its children; when it is killed, the group must be killed.
  if (signal === 'SIGKILL' && send(-pid, signal)) return;
  send(pid, signal);
}

/** @returns whether there was a process to signal */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Start time of a process, or undefined when there is none (a zombie counts as none). */
function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') {
    const started = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
    return started === '' ? undefined : started;
  }
  try {
    // The program's name, in brackets, may itself hold spaces and brackets: fields are counted from the last one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
