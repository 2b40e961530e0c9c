import { withContext } from '@causeway/platform';
import { expect, test, vi } from 'vitest';
import { GraphThread } from './graph-thread.js';

vi.mock('node:worker_threads', async () => {
  const { EventEmitter } = await import('node:events');
  /** Answers each text with itself; at `fail` it reports an error, and ends a little later, as Node's threads do. */
  class Worker extends EventEmitter {
    #isEnding = false;

    postMessage({ input }: { input: string }): void {
      if (this.#isEnding) return;
      if (input !== 'fail') return void setImmediate(() => this.emit('message', { result: input }));
      this.#isEnding = true;
      setImmediate(() => {
        this.emit('error', new Error('uncaught'));
        setImmediate(() => this.emit('exit', 1));
      });
    }

    unref(): void {}

    async terminate(): Promise<void> {}
  }
  return { Worker };
});

test('a task that ends the thread fails alone: another thread does those that wait for their turn', async () => {
  const thread = new GraphThread();
  const tasks = ['a', 'fail', 'b', 'c'].map((input) => thread.do({ task: 'readNew', input }));
  const done = await Promise.allSettled(tasks);
  expect(done.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)))).toEqual([
    'a',
    'Error: uncaught',
    'b',
    'c',
  ]);
  await thread.end();
});

test('a task whose sender has stopped waiting is not done', async () => {
  const thread = new GraphThread();
  const deadline = { service: 'flow-registry', timeoutMs: 5000, atMs: performance.now() };
  // The thread would fail at this one.
  const late = withContext({ deadline }, () => thread.do({ task: 'readNew', input: 'fail' }));
  await expect(late).rejects.toMatchObject({ code: 'TIMED_OUT' });
  expect(await thread.do({ task: 'readNew', input: 'next' })).toBe('next');
  await thread.end();
});
