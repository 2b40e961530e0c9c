import { STOP_GRACE_MS } from './service-process.js';

/** Gateways stop first, everybody else after them; each within its grace. */
const STOP_WITHIN_S = (2 * STOP_GRACE_MS) / 1000;
const ANSWER_WITHIN_MS = 2_000;
const MOST = 500;

/** What a stop waits for, in words; undefined when it is nothing, or when the gateway does not say. */
export async function findStopWait(url: string, apiKey: string): Promise<string | undefined> {
  const count = await countRuns(url, apiKey).catch(() => 0);
  if (count === 0) return undefined;
  const runs = count === 1 ? '1 run' : `${count}${count === MOST ? ' or more' : ''} runs`;
  return `waiting for ${runs}, at most ${STOP_WITHIN_S} s`;
}

async function countRuns(url: string, apiKey: string): Promise<number> {
  const answer = await fetch(new URL(`/api/platform/v1/runs?status=running&limit=${MOST}`, url), {
    headers: { 'x-api-key': apiKey },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const { items = [] } = (await answer.json()) as { items?: unknown[] };
  return items.length;
}
