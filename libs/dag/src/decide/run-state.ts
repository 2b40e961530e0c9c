import { emptyRecord } from '../safe-record.js';
import type { FrameLayout } from './walk-layout.js';

/** The state of a run's execution. Plain JSON, so that it can be stored and sent; only the reducer reads it. */
export interface RunState {
  readonly format: 1;
  phase: 'new' | 'walking' | 'ended';
  /** By the prefix of the paths in them: the empty text, then one per iteration that is running. */
  frames: Record<string, FrameState>;
  /** Started steps that have not ended, by path: frame, place in it, and the phase of a Loop. */
  running: Record<string, RunningStep>;
  /** Path of the last visit of each output node. */
  results: Record<string, string>;
}

/** A started step. */
export interface RunningStep {
  readonly frame: string;
  readonly place: number;
  readonly phase?: 'open' | 'close';
}

/** One frame; lists are indexed by the nodes' places. */
export interface FrameState {
  /** The loop whose body this is; empty for the nodes outside all loops. */
  readonly loop: string;
  /** The surrounding frame, and the Loop's opening step in it; empty for the outermost frame. */
  readonly parent: string;
  readonly step: string;
  /** The index of this iteration's item. */
  readonly index: number;
  readonly status: NodeStatus[];
  /** How many predecessors of each node have not settled. */
  readonly pending: number[];
  /** How often each node was visited, including when it was skipped. */
  readonly visits: number[];
  /** How many routers exclude each node. */
  readonly excluded: number[];
  /** The nodes that each router excludes until it runs again. */
  readonly exclusions: Record<string, number[]>;
  /** Outputs that the last visit of a node closed. */
  readonly closed: Record<string, readonly string[]>;
  /** How many nodes have not settled: in all, and per region. */
  unsettled: number;
  readonly regionUnsettled: number[];
  /** Rounds per region, and the round in which a router of its cycle last led to each node. */
  readonly rounds: number[];
  readonly led: number[];
  /** Per region, the feedback edges that start another round after this one. */
  readonly open: Record<string, number[]>;
  /** Per node, the paths of the values that feedback edges brought to it for this round, by edge. */
  readonly returned: Record<string, Record<string, string>>;
  /** Loops that are running: how many items, and the result of each iteration so far. */
  readonly loops: Record<string, { readonly items: number; readonly gathered: string[] }>;
}

/** Short texts, since a state holds one per node: waiting, running, done, skipped. */
export const NodeStatus = { waiting: 'w', running: 'r', done: 'd', skipped: 's' } as const;
export type NodeStatus = (typeof NodeStatus)[keyof typeof NodeStatus];

/** A frame in which nothing has run yet. */
export function newFrame(
  layout: FrameLayout,
  about: Pick<FrameState, 'loop' | 'parent' | 'step' | 'index'>,
): FrameState {
  const count = layout.nodes.length;
  const regionUnsettled = Array<number>(layout.regions).fill(0);
  for (const { region } of layout.nodes) {
    if (region !== -1) regionUnsettled[region] = (regionUnsettled[region] as number) + 1;
  }
  return {
    ...about,
    status: Array<NodeStatus>(count).fill(NodeStatus.waiting),
    pending: layout.nodes.map((node) => node.arrivals.length),
    visits: Array<number>(count).fill(0),
    excluded: Array<number>(count).fill(0),
    exclusions: emptyRecord(),
    closed: emptyRecord(),
    unsettled: count,
    regionUnsettled,
    rounds: regionUnsettled.map(() => 1),
    led: Array<number>(count).fill(0),
    open: emptyRecord(),
    returned: emptyRecord(),
    loops: emptyRecord(),
  };
}
