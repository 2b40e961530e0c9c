import { readFileSync, readdirSync } from 'node:fs';
import type { Causeway } from '@causeway/stack';
import { freezeProcess } from '@causeway/testing';

/** The parts of the installation that a fault can hit. */
export interface Target {
  /** The current stack; a fault that starts everything again replaces it. */
  stack(): Causeway;
  findRunner(kind: 'shared' | 'standby'): Promise<number>;
  sql(text: string): Promise<object[]>;
  /** Starts everything on the same private folder. @returns when Postgres was ready, in Unix milliseconds */
  start(): Promise<number>;
}

/** Causes the fault. @returns its time in Unix milliseconds, from which the recovery is measured */
export type Fault = (target: Target) => Promise<number>;

/** The faults by name, in the order in which they are caused. */
export const faults: Readonly<Record<string, Fault>> = {
  none: async () => Date.now(),
  runner: async ({ findRunner }) => kill([await findRunner('shared')]),
  executor: async ({ stack }) => kill([pidOf(stack(), 'executor')]),
  'executor with its runners': async ({ stack }) => {
    const pid = pidOf(stack(), 'executor');
    return kill([...childrenOf(pid), pid]);
  },
  'runner frozen for 20 s': async ({ findRunner }) => {
    const pid = await findRunner('shared');
    await freezeProcess(pid);
    setTimeout(() => {
      try {
        process.kill(pid, 'SIGCONT');
      } catch {
        // The process was ended meanwhile.
      }
    }, 20_000);
    return Date.now();
  },
  scheduler: async ({ stack }) => kill([pidOf(stack(), 'scheduler')]),
  gateway: async ({ stack }) => kill([pidOf(stack(), 'gateway')]),
  'auth, registry and audit': async ({ stack }) =>
    kill(['auth', 'flow-registry', 'audit'].map((name) => pidOf(stack(), name))),
  NATS: async ({ stack }) => kill([pidOf(stack(), 'nats')]),
  Redis: async ({ stack }) => kill([pidOf(stack(), 'redis')]),
  'every Postgres connection': async ({ sql }) => {
    await sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
    return Date.now();
  },
  Postgres: async ({ stack }) => kill([pidOf(stack(), 'postgres')]),
  everything: async ({ stack, start }) => {
    await stack().kill();
    return start();
  },
  'stop and start': async ({ stack, start }) => {
    await stack().stop();
    return start();
  },
};

function kill(pids: readonly number[]): number {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return Date.now();
}

/** @throws Error when it does not run now, or was not started by the stack */
function pidOf(stack: Causeway, name: string): number {
  const pid = stack.pids()[name];
  if (pid === undefined) throw new Error(`${name} has no process here`);
  return pid;
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return new RegExp(`^PPid:\\s+${pid}$`, 'm').test(readFileSync(`/proc/${name}/status`, 'utf8'));
      } catch {
        return false;
      }
    })
    .map(Number);
}
