import { fetchOf } from '../https/pinned-fetch.js';
import { STOP_GRACE_MS } from './service-process.js';

/** Gateways stop first, all other services after them, each within its time. */
const STOP_WITHIN_S = (2 * STOP_GRACE_MS) / 1000;
const ANSWER_WITHIN_MS = 2_000;
const MOST = 500;

/** A text that says what a stop waits for; undefined when it waits for nothing, or when the gateway does not answer. */
export async function findStopWait(
  url: string,
  apiKey: string,
  certFile?: string,
): Promise<string | undefined> {
  const count = await countRuns(url, apiKey, certFile).catch(() => 0);
  if (count === 0) return undefined;
  const runs = count === 1 ? '1 run' : `${count}${count === MOST ? ' or more' : ''} runs`;
  return `waiting for ${runs}, at most ${STOP_WITHIN_S} s`;
}

async function countRuns(url: string, apiKey: string, certFile: string | undefined): Promise<number> {
  const answer = await fetchOf(certFile)(new URL(`/api/platform/v1/runs?status=running&limit=${MOST}`, url), {
    headers: { 'x-api-key': apiKey },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const { items = [] } = (await answer.json()) as { items?: unknown[] };
  return items.length;
}
