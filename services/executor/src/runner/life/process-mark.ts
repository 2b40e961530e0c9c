import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * What names a process for ever, together with its pid: the machine, its boot, the process namespace, and when the process was
 * started. Undefined where the system does not say.
 */
export function processMark(pid: number): string | undefined {
  const stat = readStat(pid);
  const place = findPlace();
  return stat === undefined || place === undefined ? undefined : `${place} ${stat.startedAt}`;
}

/**
 * Whether the process of a mark has surely ended. False for processes of other machines, boots or namespaces: from here nothing can be
 * said of them.
 */
export function isProcessGone(pid: number, mark: string): boolean {
  const place = findPlace();
  if (place === undefined || !mark.startsWith(`${place} `)) return false;
  if (!isThere(pid)) return true;
  const stat = readStat(pid);
  return stat !== undefined && (stat.isEnded || mark !== `${place} ${stat.startedAt}`);
}

/** A pid that cannot be signalled for want of a permission is there. */
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
