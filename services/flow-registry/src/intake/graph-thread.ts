import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { fromWireError } from '@causeway/contracts';
import { Turns, checkDeadline } from '@causeway/platform';
import type { GraphTask, TaskResult } from '../domain/graph-tasks.js';
import type { ThreadAnswer, ThreadTask } from './graph.worker.js';

/** A thread ends this long after its last task, because the code that it has loaded takes about 50 MB. */
const IDLE_MS = 60_000;

/** A thread that does one task after the other. It is started when there is one. */
export class GraphThread {
  readonly #turns = new Turns();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  /**
   * Does a task in its turn, unless its sender has stopped waiting by then. The thread is no protection against a lack of memory: when
   * V8 has none left for it, the whole process ends. The limits of one flow, and the room for all, keep tasks far below that.
   *
   * @throws what the task throws; CausewayError TIMED_OUT; Error when the thread ends without an answer
   */
  do<T extends GraphTask>(task: ThreadTask<T>): Promise<TaskResult<T>> {
    return this.#turns.take('', () => {
      checkDeadline();
      return this.#do(task);
    });
  }

  /** Ends it; the next task starts another. */
  async end(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #do<T extends GraphTask>(task: ThreadTask<T>): Promise<TaskResult<T>> {
    // The task is copied for the thread, which for a large one takes a turn of its own.
    await nextTurn();
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<ThreadAnswer<T>>();
    const ended = (): void => reject(new Error('the thread for large graphs has ended'));
    worker.once('message', resolve).once('error', reject).once('exit', ended);
    try {
      worker.postMessage(task);
      const answer = await promise;
      if ('result' in answer) return answer.result;
      throw 'refusal' in answer ? fromWireError(answer.refusal) : answer.error;
    } finally {
      worker.off('message', resolve).off('error', reject).off('exit', ended);
      this.#idle = setTimeout(() => void this.end(), IDLE_MS).unref();
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./graph.worker.js', import.meta.url));
    worker.unref();
    const forget = (): void => {
      if (this.#worker === worker) this.#worker = undefined;
    };
    // The task in progress fails with the same error. The thread ends soon after, so the next task must not be sent to it.
    worker.on('error', forget).once('exit', forget);
    return worker;
  }
}
