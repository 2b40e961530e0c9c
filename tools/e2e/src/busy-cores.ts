import { Worker } from 'node:worker_threads';

/** Keeps so many cores busy with threads that compute without a pause. @returns a function that ends them */
export function keepBusy(cores: number): () => Promise<void> {
  const code = 'for (;;) Math.sqrt(Math.random());';
  const workers = Array.from({ length: cores }, () => new Worker(code, { eval: true }));
  return async () => void (await Promise.all(workers.map((worker) => worker.terminate())));
}
