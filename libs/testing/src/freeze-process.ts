import { readFileSync, readdirSync } from 'node:fs';
import { waitFor } from './wait-for.js';

/**
 * Stops a process where it is, and returns when none of its threads runs any more: on a busy machine a process of
 * several threads still works for a moment after the signal was sent. `SIGCONT` lets it continue.
 */
export async function freezeProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await waitFor(() => threadStates(pid).every((state) => state === 'T'), {
    everyMs: 1,
    what: `process ${pid} to be stopped`,
  });
}

/** The state letters of a process's threads. Source: proc_pid_stat(5), the field after the name in brackets. */
function threadStates(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  });
}
