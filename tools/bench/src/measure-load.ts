import { Worker } from 'node:worker_threads';

export interface LoadOptions {
  /** Origin: `http://host:port`. */
  readonly url: string;
  readonly path: string;
  /** @default POST */
  readonly method?: 'GET' | 'POST';
  /** @default a run's, each with another question */
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** So many callers, each with one open connection, send the next request as soon as they have an answer. */
  readonly callers: number;
  readonly forMs: number;
}

export interface LoadResult {
  readonly callers: number;
  /** Answered with 200. */
  readonly runs: number;
  readonly failed: number;
  /** The last answer that was not a success. */
  readonly failure: string;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Sends requests for a while from a thread of its own. @returns the figures */
export function measureLoad(options: LoadOptions): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./load-worker.js', import.meta.url), { workerData: options });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
