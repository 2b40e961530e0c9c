import { readFileSync, readdirSync } from 'node:fs';

/** Resident memory of one process. */
export interface ProcessMemory {
  readonly name: string;
  readonly pid: number;
  readonly megabytes: number;
}

/** Resident memory of processes and of the children that they started. Linux only: elsewhere it is empty. */
export function readMemory(pids: Readonly<Record<string, number>>): ProcessMemory[] {
  const children = childrenByParent();
  return Object.entries(pids).flatMap(([name, pid]) => [
    ...memoryOf(name, pid),
    // The many processes of Postgres share memory, so a sum would count it many times.
    ...(name === 'postgres' || name === 'stack'
      ? []
      : (children.get(pid) ?? []).flatMap((child) => memoryOf(`${name} runner`, child))),
  ]);
}

function memoryOf(name: string, pid: number): ProcessMemory[] {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(statusOf(pid))?.[1];
  return kilobytes === undefined ? [] : [{ name, pid, megabytes: Number(kilobytes) / 1024 }];
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const entry of process.platform === 'linux' ? readdirSync('/proc') : []) {
    const parent = Number(/^PPid:\s+(\d+)/m.exec(statusOf(Number(entry)))?.[1]);
    if (parent > 0) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  return children;
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
