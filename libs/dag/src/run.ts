/**
 * Glossary of a run.
 *
 * - **flow**: a graph drawn in Langflow. **flow version**: its content, immutable, named by hash.
 * - **run**: one execution of a flow version. **node**: a vertex of the graph; **edge**: output to field.
 * - **path**: the position of a step in a run: `outer/inner` in groups, `Loop[i]/node` in loop bodies, `node#k` for the
 *   k-th visit (k ≥ 2) in a router cycle, `node/n` for the n-th model or tool call inside a node.
 * - **step**: what the journal keeps one row of: a visit of a node, or a call inside one.
 * - **attempt**: one try at a step, by one **epoch** (the count of claims of the run).
 * - **doorbell**: a message that only wakes a service: it says that a row in Postgres waits. To **ring** is to send
 *   one.
 */

/** The status of a run. The last five are final. */
export const RunStatus = {
  queued: 'queued',
  running: 'running',
  suspended: 'suspended',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  timedOut: 'timed_out',
  dead: 'dead',
} as const;
export type RunStatus = (typeof RunStatus)[keyof typeof RunStatus];

/** The statuses that may follow each status. */
export const runTransitions: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  queued: ['running', 'failed', 'cancelled', 'timed_out', 'dead'],
  running: ['suspended', 'succeeded', 'failed', 'cancelled', 'timed_out', 'dead'],
  suspended: ['running', 'failed', 'cancelled', 'timed_out', 'dead'],
  succeeded: [],
  failed: [],
  cancelled: [],
  timed_out: [],
  dead: [],
};

/** True when nothing can change the run any more. */
export function isFinal(status: RunStatus): boolean {
  return runTransitions[status].length === 0;
}

/** True when `to` may follow `from`. */
export function canTransition(from: RunStatus, to: RunStatus): boolean {
  return runTransitions[from].includes(to);
}

/** The part of a plan that a run executes, fixed at its start. */
export interface RunScope {
  /** The start node; undefined when the flow has no input node: then everything runs. */
  readonly start: string | undefined;
  /** Node ids that run: reachable from the start, with all their ancestors. In plan order. */
  readonly nodes: readonly string[];
  /** Nodes whose results the run answers with, in plan order. */
  readonly outputs: readonly string[];
}

/** The values that a field receives when its node starts. */
export interface InputBinding {
  readonly field: string;
  /**
   * Values to take; `index` picks one item of a loop's list. Empty when every source was skipped: the field's own value
   * is used.
   */
  readonly sources: readonly InputSource[];
  /** Whether the field is a list: then its value is the array of all sources. */
  readonly list: boolean;
}

/** One journaled output. */
export interface InputSource {
  readonly path: string;
  readonly output: string;
  readonly index?: number;
}

/** What the caller reports to the reducer. */
export type RunEvent =
  | { readonly type: 'begin' }
  /** `closedOutputs`: outputs that a router stopped. `items`: how many items a Loop's list has. */
  | {
      readonly type: 'succeeded';
      readonly path: string;
      readonly closedOutputs?: readonly string[];
      readonly items?: number;
    }
  | { readonly type: 'failed'; readonly path: string; readonly code: string }
  | { readonly type: 'stop'; readonly status: 'cancelled' | 'timed_out' };

/**
 * How often a run may visit a node in one frame. A router can repeat its cycle for ever, and nothing else would end it
 * before the run's time limit.
 */
export const maxVisits = 10_000;

/** What the reducer asks its caller to do. */
export type RunCommand =
  /**
   * Run a node once. `phase` is given for a Loop: `open` computes the list, `close` gathers the results of all iterations,
   * which arrive in `gather`, in order.
   */
  | {
      readonly type: 'start';
      readonly path: string;
      readonly nodeId: string;
      /** 1 for the first visit of a node, k for the k-th in a router cycle. */
      readonly visit: number;
      readonly inputs: readonly InputBinding[];
      readonly outputs: readonly string[];
      readonly phase?: 'open' | 'close';
      readonly gather?: readonly InputSource[];
    }
  /** Journal that a node was skipped because every path to it was closed. */
  | { readonly type: 'skip'; readonly path: string; readonly nodeId: string }
  /**
   * The run is over. `failed` names the path whose failure ended it; or `overLimit` the node that was visited more than
   * `maxVisits` times.
   */
  | {
      readonly type: 'finish';
      readonly status: 'succeeded' | 'failed' | 'cancelled' | 'timed_out';
      readonly failedPath?: string;
      readonly overLimit?: { readonly nodeId: string; readonly limit: number };
      readonly results: Readonly<Record<string, string>>;
    };
