import { reachable } from '../compile/graph/find-cycles.js';
import type { Plan, PlanEdge, PlanNode } from '../plan.js';
import type { RunScope } from '../run.js';
import { entryOf } from '../safe-record.js';

/**
 * A plan and scope, prepared for the reducer. A frame is what runs together: the nodes outside of any loop, or the body
 * of one loop. In its frame a loop with its whole body is one node: the Loop waits for everything that its body needs
 * from outside.
 */
export interface WalkLayout {
  /** By loop id; the empty text for the nodes outside all loops. */
  readonly frames: ReadonlyMap<string, FrameLayout>;
  readonly outputs: ReadonlySet<string>;
}

/** Nodes of a frame, in plan order; other lists name them by their place in it. */
export interface FrameLayout {
  readonly loop: string;
  readonly nodes: readonly LayoutNode[];
  readonly places: ReadonlyMap<string, number>;
  /** Nodes without predecessors. */
  readonly roots: readonly number[];
  /** Targets of the forward edges, per node. */
  readonly forward: readonly (readonly number[])[];
  /** The node at which each feedback edge ends, by edge. */
  readonly entries: ReadonlyMap<number, number>;
  /** How many regions the frame has. A region is a set of nodes that one cycle repeats together. */
  readonly regions: number;
}

/** A node with all that the reducer needs. Edges are within the frame unless said otherwise. */
export interface LayoutNode {
  readonly node: PlanNode;
  readonly isLoop: boolean;
  /** The item output of a Loop. */
  readonly item: string;
  /** Edges to nodes that wait for this one. */
  readonly forward: readonly { readonly output: string; readonly target: number }[];
  /** Feedback edges: they start another round if this node leaves them open. */
  readonly back: readonly { readonly output: string; readonly edge: number }[];
  /** Edges that this node waits for. */
  readonly arrivals: readonly { readonly output: string; readonly source: number }[];
  /** Feedback edges that end here, or in the body of this loop. */
  readonly returns: readonly { readonly edge: number; readonly output: string; readonly source: number }[];
  /** The region: all nodes that the feedback edge of a cycle leads to. -1 for a node that runs once. */
  readonly region: number;
  /** The plan's cycle that contains the node; -1 for none. */
  readonly cycle: number;
  readonly fields: readonly LayoutField[];
}

/** A field with the edges that end in it, which may come from surrounding frames. */
export interface LayoutField {
  readonly field: string;
  readonly list: boolean;
  readonly edges: readonly LayoutInput[];
}

/**
 * `up`: how many frames further out the source is. `place`: the source, or for a feedback edge the node at which it
 * ends.
 */
export type LayoutInput =
  | { readonly kind: 'forward'; readonly up: number; readonly place: number; readonly output: string }
  | {
      readonly kind: 'back';
      readonly up: number;
      readonly place: number;
      readonly edge: number;
      readonly output: string;
    }
  | { readonly kind: 'item'; readonly up: number; readonly output: string };

const layouts = new WeakMap<Plan, WeakMap<RunScope, WalkLayout>>();

/** The layout of a plan and scope; made once for each pair, since every event needs it. */
export function layoutOf(plan: Plan, scope: RunScope): WalkLayout {
  const ofPlan = layouts.get(plan) ?? new WeakMap<RunScope, WalkLayout>();
  layouts.set(plan, ofPlan);
  const known = ofPlan.get(scope);
  if (known !== undefined) return known;
  const made = makeLayout(plan, scope);
  ofPlan.set(scope, made);
  return made;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Item[] : T[K] };

function makeLayout(plan: Plan, scope: RunScope): WalkLayout {
  const inScope = new Set(scope.nodes);
  const frameOf = framesOf(plan, inScope);
  const cycleOf = new Map(plan.cycles.flatMap((part, index) => part.map((id) => [id, index] as const)));
  const places = new Map<string, Map<string, number>>([['', new Map()]]);
  const nodes = new Map<string, Writable<LayoutNode>[]>([['', []]]);
  for (const id of scope.nodes) {
    const node = entryOf(plan.nodes, id);
    if (node === undefined) continue;
    const frame = frameOf.get(id) ?? '';
    const there = nodes.get(frame) ?? [];
    nodes.set(frame, there);
    const placed = places.get(frame) ?? new Map<string, number>();
    places.set(frame, placed.set(id, there.length));
    there.push({
      node,
      isLoop: node.role === 'loop',
      item: entryOf(plan.loops, id)?.item ?? 'item',
      forward: [],
      back: [],
      arrivals: [],
      returns: [],
      region: -1,
      cycle: cycleOf.get(id) ?? -1,
      fields: [],
    });
  }
  const at = (id: string, frame: string): number => places.get(frame)?.get(id) ?? -1;
  for (const [index, edge] of plan.edges.entries()) {
    if (!inScope.has(edge.source) || !inScope.has(edge.target) || isGather(plan, edge)) continue;
    const isItem = entryOf(plan.loops, edge.source)?.item === edge.output;
    const from = isItem ? edge.source : (frameOf.get(edge.source) ?? '');
    const way = climb(edge.target, from, frameOf);
    // Only a plan with blocking problems has an edge that leads out of a loop.
    if (way === undefined) continue;
    const target = nodes.get(frameOf.get(edge.target) ?? '')?.[
      at(edge.target, frameOf.get(edge.target) ?? '')
    ];
    if (target === undefined) continue;
    const input = isItem
      ? ({ kind: 'item', up: way.up, output: edge.output } as const)
      : connect(
          nodes.get(from) as Writable<LayoutNode>[],
          at(edge.source, from),
          at(way.id, from),
          edge,
          index,
          way.up,
        );
    addInput(target, edge.field, input);
  }
  const frames = new Map<string, FrameLayout>();
  for (const [loop, members] of nodes) {
    const forward = members.map((node) => node.forward.map((edge) => edge.target));
    frames.set(loop, {
      loop,
      nodes: members,
      places: places.get(loop) ?? new Map(),
      roots: members.flatMap((node, place) => (node.arrivals.length === 0 ? [place] : [])),
      forward,
      entries: new Map(
        members.flatMap((node, place) => node.returns.map(({ edge }) => [edge, place] as const)),
      ),
      regions: markRegions(members, forward),
    });
  }
  return { frames, outputs: new Set(scope.outputs) };
}

/** The innermost loop around each node: of two bodies that contain a node, the smaller one is the inner. */
function framesOf(plan: Plan, inScope: ReadonlySet<string>): Map<string, string> {
  const frameOf = new Map<string, string>();
  const loops = Object.entries(plan.loops).filter(([id]) => inScope.has(id));
  loops.sort(([, one], [, other]) => other.body.length - one.body.length);
  for (const [id, loop] of loops) for (const member of loop.body) frameOf.set(member, id);
  return frameOf;
}

/** True for an edge that gives a loop an iteration's result; it ends at an output. */
function isGather(plan: Plan, edge: PlanEdge): boolean {
  const target = entryOf(plan.nodes, edge.target);
  return (
    edge.feedback === true &&
    target?.role === 'loop' &&
    target.outputs.some((output) => output.name === edge.field)
  );
}

/** From a node outwards to the frame: the node that represents it there, and how many frames further out that is. */
function climb(
  id: string,
  frame: string,
  frameOf: ReadonlyMap<string, string>,
): { id: string; up: number } | undefined {
  let up = 0;
  for (let current = id; up <= frameOf.size; up++) {
    const there = frameOf.get(current) ?? '';
    if (there === frame) return { id: current, up };
    if (there === '') return undefined;
    current = there;
  }
  return undefined;
}

function connect(
  frame: Writable<LayoutNode>[],
  source: number,
  target: number,
  { output, feedback }: PlanEdge,
  edge: number,
  up: number,
): LayoutInput {
  if (feedback) {
    frame[source]?.back.push({ output, edge });
    frame[target]?.returns.push({ edge, output, source });
    return { kind: 'back', up, place: target, edge, output };
  }
  frame[source]?.forward.push({ output, target });
  frame[target]?.arrivals.push({ output, source });
  return { kind: 'forward', up, place: source, output };
}

function addInput(target: Writable<LayoutNode>, name: string, input: LayoutInput): void {
  const there = target.fields.find((one) => one.field === name);
  if (there !== undefined) (there.edges as LayoutInput[]).push(input);
  else {
    const list = entryOf(target.node.fields, name)?.list === true;
    target.fields.push({ field: name, list, edges: [input] });
  }
}

/** Joins the nodes that the feedback edges of a frame lead to into regions that share no node. */
function markRegions(nodes: Writable<LayoutNode>[], forward: readonly (readonly number[])[]): number {
  const joined: number[] = [];
  const rootOf = (region: number): number => {
    let root = region;
    while (joined[root] !== root) root = joined[root] as number;
    return root;
  };
  for (const [place, node] of nodes.entries()) {
    if (node.returns.length === 0) continue;
    const own = joined.push(joined.length) - 1;
    for (const met of reachable(forward, [place, ...node.returns.map((edge) => edge.source)])) {
      const member = nodes[met] as Writable<LayoutNode>;
      if (member.region === -1) member.region = own;
      else joined[rootOf(member.region)] = rootOf(own);
    }
  }
  const numbers = new Map<number, number>();
  for (const node of nodes) {
    if (node.region === -1) continue;
    const root = rootOf(node.region);
    if (!numbers.has(root)) numbers.set(root, numbers.size);
    node.region = numbers.get(root) as number;
  }
  return numbers.size;
}
