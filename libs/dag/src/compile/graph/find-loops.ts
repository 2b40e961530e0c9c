import { reachable } from './find-cycles.js';

/** A Loop node of a numbered graph. */
export interface LoopNode {
  readonly node: number;
  /** Targets of the edges from its `item` output. */
  readonly itemTargets: readonly number[];
  /** Targets of its other outputs. */
  readonly doneTargets: readonly number[];
}

/** Which loop repeats which node. */
export interface LoopBodies {
  /** The innermost loop around each node, as an index into the given loops; -1 outside of any. */
  readonly innermost: readonly number[];
  /** Pairs of loops that share nodes although neither is inside the other. */
  readonly tangled: readonly (readonly [number, number])[];
}

/**
 * The body of a loop is every node that its `item` output leads to and its `done` output does not. Nodes that serve
 * only a body belong to it, as in Langflow, except input nodes: the request's message is read once.
 *
 * @param successors  all edges except those that feed a loop's result back
 * @param forward     the same without the feedback edges of router cycles
 * @param order       all nodes, predecessors first
 */
export function findLoopBodies(
  successors: readonly (readonly number[])[],
  forward: readonly (readonly number[])[],
  order: readonly number[],
  loops: readonly LoopNode[],
  isInput: readonly boolean[],
): LoopBodies {
  const innermost = successors.map(() => -1);
  if (loops.length === 0) return { innermost, tangled: [] };
  const bodies = loops.map((loop) => {
    const body = reachable(successors, loop.itemTargets, loop.node);
    for (const node of reachable(forward, loop.doneTargets, loop.node)) body.delete(node);
    return body;
  });
  const outermostFirst = loops
    .map((_loop, index) => index)
    .sort((one, other) => sizeOf(bodies, other) - sizeOf(bodies, one));
  const tangled: [number, number][] = [];
  for (const index of outermostFirst) {
    const loop = loops[index] as LoopNode;
    const around = innermost[loop.node] as number;
    for (const node of bodies[index] as Set<number>) {
      const other = innermost[node] as number;
      if (other !== around && !tangled.some(([one, two]) => one === other && two === index)) {
        tangled.push([other, index]);
      }
    }
    for (const node of bodies[index] as Set<number>) innermost[node] = index;
  }
  takeInServants(forward, order, loops, isInput, innermost);
  return { innermost, tangled };
}

/** The loops around a node, innermost first. */
export function loopsAround(
  node: number,
  innermost: readonly number[],
  loops: readonly LoopNode[],
): number[] {
  const around: number[] = [];
  for (let loop = innermost[node] ?? -1; loop !== -1; loop = innermost[loops[loop]?.node ?? -1] ?? -1) {
    // Overlapping loops may contain each other; `compileGraph` reports them.
    if (around.includes(loop)) break;
    around.push(loop);
  }
  return around;
}

function takeInServants(
  forward: readonly (readonly number[])[],
  order: readonly number[],
  loops: readonly LoopNode[],
  isInput: readonly boolean[],
  innermost: number[],
): void {
  const loopNodes = new Set(loops.map((loop) => loop.node));
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at] as number;
    const targets = forward[node] as readonly number[];
    if (targets.length === 0 || isInput[node] || loopNodes.has(node)) continue;
    const own = innermost[node] as number;
    const shared = targets
      .map((target) => loopsAround(target, innermost, loops))
      .reduce((common, around) => common.filter((loop) => around.includes(loop)));
    const deepest = shared[0] ?? -1;
    if (deepest !== -1 && (own === -1 || loopsAround(node, innermost, loops).length < shared.length)) {
      innermost[node] = deepest;
    }
  }
}

function sizeOf(bodies: readonly Set<number>[], index: number): number {
  return (bodies[index] as Set<number>).size;
}
