import { expect, test } from 'vitest';
import type { Stack } from '../support/stack.js';

/** Processes of the stack by name, and the runners. */
export async function processesOf({ causeway, sql }: Stack): Promise<Record<string, number>> {
  const runners = await sql<{ pid: number }>(
    `SELECT pid FROM executor.executor WHERE ended_at IS NULL ORDER BY started_at`,
  );
  return {
    ...causeway.pids(),
    ...Object.fromEntries(runners.map(({ pid }, index) => [`runner ${index + 1}`, pid])),
  };
}

/** Runs after the stories in which no process may die. `before`: the processes at the beginning. */
export function survivalStories(stack: Stack, before: Readonly<Record<string, number>>): void {
  test('no process has died in these stories, and all are ready', async () => {
    expect(await processesOf(stack)).toEqual(before);
    for (const service of stack.causeway.services.values())
      expect([service.name, await service.isReady()]).toEqual([service.name, true]);
  });

  test('an executor shows the metrics of its runners on its own port', async () => {
    const executor = stack.causeway.services.get('executor');
    const metrics = await (await fetch(`${executor?.internalUrl}/metrics`)).text();
    expect(metrics).toMatch(/^causeway_\w+\{.*runner="shared-1".*\} \d/m);
    const heads = metrics.split('\n').filter((line) => line.startsWith('# TYPE '));
    expect(new Set(heads).size).toBe(heads.length);
  });
}
