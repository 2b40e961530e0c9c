import { parentPort, workerData } from 'node:worker_threads';
import { Pool } from 'undici';
import type { LoadOptions, LoadResult } from './measure-load.js';

/** A thread of its own, so that the measured requests do not wait for the measuring code. */
const { url, path, method = 'POST', body: given, headers, callers, forMs } = workerData as LoadOptions;
const pool = new Pool(url, { connections: callers, pipelining: 1, headersTimeout: 60_000 });
const times: number[] = [];
let [failed, failure] = [0, ''];
let sent = 0;

async function call(untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    const startedMs = performance.now();
    const question = (): string => JSON.stringify({ input_value: `question ${(sent += 1)}` });
    const body = method === 'GET' ? null : (given ?? question());
    const answer = await pool.request({ path, method, headers, body });
    const text = await answer.body.text();
    if (answer.statusCode === 200) times.push(performance.now() - startedMs);
    else [failed, failure] = [failed + 1, `${answer.statusCode} ${text.slice(0, 300)}`];
  }
}

const startedMs = performance.now();
await Promise.all(Array.from({ length: callers }, () => call(startedMs + forMs)));
const tookMs = performance.now() - startedMs;
await pool.close();
times.sort((a, b) => a - b);
const at = (share: number): number =>
  times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
const result: LoadResult = {
  callers,
  runs: times.length,
  failed,
  failure,
  perSecond: (times.length / tookMs) * 1000,
  p50Ms: at(0.5),
  p99Ms: at(0.99),
};
parentPort?.postMessage(result);
