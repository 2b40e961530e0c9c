import { backEdges, findCycles } from './find-cycles.js';

/** A graph of numbered nodes, without the edges that feed a loop's result back. */
export interface NumberedGraph {
  readonly successors: readonly (readonly number[])[];
  readonly isRouter: readonly boolean[];
  readonly isInput: readonly boolean[];
}

/** The cycles of a flow, and their feedback edges. */
export interface Feedback {
  /** `from * nodes + to` of each edge that the first visit does not wait for. */
  readonly edges: ReadonlySet<number>;
  /** Nodes of each cycle that contains a router. */
  readonly cycles: readonly (readonly number[])[];
  /** Nodes of each cycle that no run could leave. */
  readonly endless: readonly (readonly number[])[];
}

/** Separates router cycles from endless ones, and finds in each the edges back to the node at which it is entered. */
export function findFeedback(graph: NumberedGraph): Feedback {
  const { successors, isRouter } = graph;
  const edges = new Set<number>();
  const parts = findCycles(successors);
  if (parts.length === 0) return { edges, cycles: [], endless: [] };
  const predecessors = predecessorsOf(successors);
  for (const part of parts) {
    for (const edge of backEdges(successors, part, entryOfCycle(graph, part, predecessors))) edges.add(edge);
  }
  // A router can always choose its other output, so only cycles that remain without the routers' edges are endless.
  const endless = findCycles(successors.map((targets, node) => (isRouter[node] ? [] : targets)));
  return { edges, cycles: parts.filter((part) => part.some((node) => isRouter[node])), endless };
}

/**
 * The node at which a cycle is entered first: of the nodes with an edge from outside, the one that a router's path back
 * reaches first. The first visit then does not wait for the edge of that path into it.
 */
function entryOfCycle(
  { successors, isRouter, isInput }: NumberedGraph,
  part: readonly number[],
  predecessors: readonly (readonly number[])[],
): number {
  const inside = new Set(part);
  const isEntry = (node: number): boolean =>
    isInput[node] === true || (predecessors[node] as readonly number[]).some((one) => !inside.has(one));
  const within = (node: number): number[] =>
    (successors[node] as readonly number[]).filter((one) => inside.has(one));
  const queue = part.filter((node) => isRouter[node]).flatMap(within);
  const first = queue[0];
  const seen = new Set(queue);
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at] as number;
    if (isEntry(node)) return node;
    for (const next of within(node)) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return first ?? part.find(isEntry) ?? (part[0] as number);
}

function predecessorsOf(successors: readonly (readonly number[])[]): number[][] {
  const predecessors: number[][] = successors.map(() => []);
  successors.forEach((targets, node) => targets.forEach((target) => predecessors[target]?.push(node)));
  return predecessors;
}
