import { setTimeout as pause } from 'node:timers/promises';
import type { BootedService } from './boot-service.js';

/** What one request cost. */
export interface Cost {
  /** The longest turn of the event loop, in processor time; of several measurements, the shortest. */
  readonly longestMs: number;
  /** Largest growth of memory while it was served; above the allowed value, measured after a garbage collection. */
  readonly grownBytes: number;
}

/** The environment with which a service is started, so that `watchProcess` can measure it. */
export const watched = {
  NODE_OPTIONS: `--expose-gc --import=${new URL('./loop-probe.js', import.meta.url).href}`,
};

/** How often requests are measured that block the loop for too long. */
const MOST_MEASUREMENTS = 3;

/**
 * Measures the cost of requests to a service that was started with `watched`; each request may grow its memory by the given bytes.
 * Requests that block the loop for more than `mostHeldMs` are sent again: even processor time grows while other programs use the caches of
 * the machine, but work that is too long is so each time.
 */
export async function watchProcess(
  service: BootedService,
  mostHeldMs: number,
): Promise<(mostBytes: number, act: () => Promise<unknown>) => Promise<Cost>> {
  const isProbe = (line: string): boolean => line.startsWith('{"probe"');
  let line = service.lines.find(isProbe);
  for (; line === undefined; line = service.lines.find(isProbe)) await pause(10);
  const { probe } = JSON.parse(line) as { probe: number };
  const ask = async (path: string): Promise<Cost> =>
    (await fetch(`http://127.0.0.1:${probe}/${path}`)).json() as Promise<Cost>;
  const measure = async (mostBytes: number, act: () => Promise<unknown>): Promise<Cost> => {
    await ask(`begin/${mostBytes}`);
    await act();
    return ask('end');
  };
  return async (mostBytes, act) => {
    const cost = await measure(mostBytes, act);
    let { longestMs } = cost;
    for (let times = 1; times < MOST_MEASUREMENTS && longestMs > mostHeldMs; times++)
      longestMs = Math.min(longestMs, (await measure(mostBytes, act)).longestMs);
    return { ...cost, longestMs };
  };
}
