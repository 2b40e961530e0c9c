import { textValues } from '@causeway/dag';
import { Turns, checkDeadline } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { type GraphTask, type TaskInput, type TaskResult, graphTasks } from '../domain/graph-tasks.js';
import { GraphRoom } from './graph-room.js';
import { GraphThread } from './graph-thread.js';

/** A task with more characters, or more values, would hold the loop for more than some 50 ms. Flows that people draw have fewer. */
const MOST_CHARACTERS = 512 * 1024;
const MOST_VALUES = 10_000;

/** What a task on a stored graph needs. */
export interface Loaded<T extends GraphTask> {
  readonly input: TaskInput<T>;
  readonly graph: Uint8Array;
}

/** Tasks for flows that are sent here. Requests for a stored flow do not wait for them. */
const incoming: ReadonlySet<GraphTask> = new Set(['read', 'readNew', 'compile']);

/**
 * Works on graphs: on small ones at once, in a turn of the event loop of their own; on large ones one after the other on a thread. One
 * thread is for flows that are sent here, and one for all other tasks.
 */
@Injectable()
export class GraphWork implements OnApplicationShutdown {
  private readonly incoming = new GraphThread();
  private readonly outgoing = new GraphThread();
  private readonly loading = new Turns();

  constructor(private readonly room: GraphRoom) {}

  /**
   * @param text  the largest text of the input, or its UTF-8 bytes: its size decides where the task runs
   * @throws what the task throws; CausewayError TEAM_GRAPHS_FULL, GRAPHS_FULL, TIMED_OUT
   */
  async do<T extends GraphTask>(
    task: T,
    input: TaskInput<T>,
    text: string | Uint8Array,
  ): Promise<TaskResult<T>> {
    if (isLarge(text)) return this.room.hold(text.length, () => this.thread(task).do({ task, input }));
    await new Promise((resolve) => setImmediate(resolve));
    const run = graphTasks[task] as (input: TaskInput<T>) => TaskResult<T>;
    return run(input);
  }

  /**
   * Works on a stored graph. A large one is loaded in its turn, so that only one at a time is in memory.
   *
   * @param sealedBytes  its size as it is stored
   * @param load         undefined when the graph is no longer there; so is the result then
   * @throws what `load` and the task throw; CausewayError TEAM_GRAPHS_FULL, GRAPHS_FULL, TIMED_OUT
   */
  async doStored<T extends GraphTask>(
    task: T,
    sealedBytes: number,
    load: () => Promise<Loaded<T> | undefined>,
  ): Promise<TaskResult<T> | undefined> {
    if (sealedBytes <= MOST_CHARACTERS) {
      const loaded = await load();
      return loaded && this.do(task, loaded.input, loaded.graph);
    }
    const inTurn = async (): Promise<TaskResult<T> | undefined> => {
      checkDeadline();
      const loaded = await load();
      return loaded && this.thread(task).do({ task, input: loaded.input });
    };
    return this.room.hold(sealedBytes, () => this.loading.take('', inTurn));
  }

  private thread(task: GraphTask): GraphThread {
    return incoming.has(task) ? this.incoming : this.outgoing;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.incoming.end(), this.outgoing.end()]);
  }
}

function isLarge(text: string | Uint8Array): boolean {
  if (text.length > MOST_CHARACTERS) return true;
  // What separates values is ASCII, and is the same in Latin-1.
  const readable = typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
  return textValues(readable, MOST_VALUES) > MOST_VALUES;
}
