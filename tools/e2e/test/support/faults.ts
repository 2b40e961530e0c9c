import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceProcess } from '@causeway/stack';
import { waitFor } from '@causeway/testing';
import type { Answer, Api } from './api.js';
import type { Stack } from './stack.js';

/** The process to kill: the runner that executes the flow, its supervisor, or both. */
export const Victim = { runner: 'runner', executor: 'executor', both: 'both' } as const;
export type Victim = (typeof Victim)[keyof typeof Victim];

/** A kill that has happened. */
export interface Killed {
  /** Unix milliseconds. */
  readonly atMs: number;
  /** The run was not over at that time. */
  readonly inTime: boolean;
}

/**
 * Finds the process that executes a run, so that it can be killed without delay.
 *
 * @returns a function that kills it with `kill -9`; an executor is started again at once
 */
export async function aimAtOwner(
  stack: Stack,
  runId: string,
  victim: Victim,
): Promise<() => Promise<Killed>> {
  const [owner] = await stack.sql<{ pid: number }>(
    `SELECT x.pid FROM executor.execution e JOIN executor.executor x ON x.id = e.owner WHERE e.run_id = $1`,
    [runId],
  );
  if (!owner) throw new Error(`no runner executes run ${runId}`);
  const service = victim === Victim.runner ? undefined : parentOf(stack, owner.pid);
  return async () => {
    if (victim !== Victim.executor) process.kill(owner.pid, 'SIGKILL');
    const killed = service?.kill();
    const atMs = Date.now();
    await killed;
    const [left] = await stack.sql<{ finished_at: Date | null }>(
      `SELECT finished_at FROM executor.execution WHERE run_id = $1`,
      [runId],
    );
    await service?.start();
    // Meanwhile another executor may have ended the run.
    const finishedMs = left?.finished_at?.getTime() ?? Infinity;
    return { atMs, inTime: left !== undefined && finishedMs > atMs };
  };
}

/** The executor of a runner. */
function parentOf(stack: Stack, runnerPid: number): ServiceProcess {
  const status = readFileSync(`/proc/${runnerPid}/status`, 'utf8');
  const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
  const service = [...stack.causeway.services.values()].find(({ process }) => process?.pid === parent);
  if (!service)
    throw new Error(`runner ${runnerPid} belongs to ${parent}, which is not an executor of this stack`);
  return service;
}

/** The run behind an idempotency key, as soon as it was accepted. */
export async function runOfKey(stack: Stack, key: string): Promise<string> {
  const found = await waitFor(
    async () => {
      const rows = await stack.sql<{ run_id: string }>(
        `SELECT run_id FROM scheduler.idempotency i JOIN executor.execution e USING (run_id)
         WHERE substr(key, strpos(key, ' ') + 1) = $1`,
        [key],
      );
      return rows[0];
    },
    { what: 'the run to be claimed', everyMs: 5 },
  );
  return found.run_id;
}

/** Runs a flow as a careful client does: with a key, and again while there is no answer or an answer asks to try again. */
export async function runSurely(
  api: Api,
  flow: string,
  body: object,
  key: string,
): Promise<Answer & { readonly tries: number }> {
  const untilMs = Date.now() + 90_000;
  for (let tries = 1; ; tries += 1) {
    const answer = await api.run(flow, body, { 'idempotency-key': key }).catch((error: Error) => error);
    const isFinal =
      !(answer instanceof Error) && ![503, 504].includes(answer.status) && answer.status !== 500;
    if (isFinal) return { ...answer, tries };
    if (Date.now() > untilMs)
      throw answer instanceof Error ? answer : new Error(`${answer.status} ${answer.text}`);
    await pause(200);
  }
}

/** Waits until nothing is under way: every run is over, and every outbox row is sent. */
export async function quiet(stack: Stack): Promise<void> {
  await waitFor(
    async () => {
      const [left] = await stack.sql<{ n: number }>(`
        SELECT (SELECT count(*) FROM scheduler.run WHERE finished_at IS NULL)
             + (SELECT count(*) FROM executor.execution WHERE finished_at IS NULL)
             + (SELECT count(*) FROM executor.outbox) + (SELECT count(*) FROM scheduler.outbox)
             + (SELECT count(*) FROM auth.outbox) + (SELECT count(*) FROM flow_registry.outbox) AS n`);
      return Number(left?.n) === 0;
    },
    { what: 'every run to be over and reported', timeoutMs: 120_000, everyMs: 100 },
  );
}
