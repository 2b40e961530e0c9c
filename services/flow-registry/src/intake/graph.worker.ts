import { parentPort } from 'node:worker_threads';
import { toWireError } from '@causeway/contracts';
import type { WireError } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { type GraphTask, type TaskInput, type TaskResult, graphTasks } from '../domain/graph-tasks.js';

/** A task for the thread. */
export interface ThreadTask<T extends GraphTask = GraphTask> {
  readonly task: T;
  readonly input: TaskInput<T>;
}

/** What became of it. */
export type ThreadAnswer<T extends GraphTask = GraphTask> =
  | { readonly result: TaskResult<T> }
  | { readonly refusal: WireError }
  /** Whatever was not expected. */
  | { readonly error: unknown };

parentPort?.on('message', ({ task, input }: ThreadTask) => {
  parentPort?.postMessage(answer(task, input));
});

function answer(task: GraphTask, input: TaskInput<GraphTask>): ThreadAnswer {
  try {
    // The type of the input is the task's own: both came in one message.
    const run = graphTasks[task] as (input: TaskInput<GraphTask>) => TaskResult<GraphTask>;
    return { result: run(input) };
  } catch (error) {
    return isCausewayError(error) ? { refusal: toWireError(error) } : { error };
  }
}
