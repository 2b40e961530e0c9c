import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Identifies a process for ever, together with its pid: by the machine, its boot, the process namespace, and the start time of the
 * process. Undefined where the system does not report them.
 */
export function processMark(pid: number): string | undefined {
  const stat = readStat(pid);
  const place = findPlace();
  return stat === undefined || place === undefined ? undefined : `${place} ${stat.startedAt}`;
}

/**
 * True when the process of a mark has certainly ended. False for processes of other machines, boots or namespaces, which cannot be
 * checked from here.
 */
export function isProcessGone(pid: number, mark: string): boolean {
  const place = findPlace();
  if (place === undefined || !mark.startsWith(`${place} `)) return false;
  if (!isThere(pid)) return true;
  const stat = readStat(pid);
  return stat !== undefined && (stat.isEnded || mark !== `${place} ${stat.startedAt}`);
}

/** True when a process with this pid exists, also when this process may not send it signals. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function findPlace(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

function readStat(pid: number): { startedAt: string; isEnded: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything, so fields are counted from its end.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { startedAt: fields[19] ?? '', isEnded: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return undefined;
  }
}
