import { findCycles, topologicalOrder } from './find-cycles.js';
import { findFeedback } from './find-feedback.js';
import { findLoopBodies, type LoopNode, loopsAround } from './find-loops.js';
import type { PlanEdge, PlanLoop, PlanNode } from '../../plan.js';
import { type Problem, ProblemCode } from '../../problem.js';
import { ProblemList } from '../../problem-list.js';
import { emptyRecord } from '../../safe-record.js';

/** The graph of a plan: which edges are followed, in which order nodes run, what repeats. */
export interface CompiledGraph {
  readonly edges: readonly PlanEdge[];
  readonly order: readonly string[];
  readonly loops: Readonly<Record<string, PlanLoop>>;
  readonly cycles: readonly (readonly string[])[];
  readonly problems: readonly Problem[];
}

/**
 * Finds loops, router cycles and order in a flow's edges.
 *
 * @param ids          all node ids, in the file's order
 * @param loopOutputs  name of the `item` output per Loop node
 */
export function compileGraph(
  ids: readonly string[],
  nodes: Readonly<Record<string, PlanNode>>,
  wired: readonly PlanEdge[],
  loopOutputs: ReadonlyMap<string, string>,
): CompiledGraph {
  const number = new Map(ids.map((id, index) => [id, index]));
  const at = (id: string): number => number.get(id) as number;
  const successors = adjacency(ids.length, wired, at, (edge) => !edge.feedback);
  const isInput = ids.map((id) => nodes[id]?.role === 'input');
  const isRouter = ids.map((id) => nodes[id]?.role === 'router');
  const feedback = findFeedback({ successors, isRouter, isInput });
  const turnsBack = (edge: PlanEdge): boolean =>
    feedback.edges.has(at(edge.source) * ids.length + at(edge.target));
  const forward = adjacency(ids.length, wired, at, (edge) => !edge.feedback && !turnsBack(edge));
  const firstOrder = topologicalOrder(forward);

  const loops = [...loopOutputs].map(([id, item]): LoopNode & { id: string; item: string } => {
    const from = wired.filter((edge) => edge.source === id && !edge.feedback);
    const targets = (isItem: boolean): number[] =>
      from.filter((edge) => (edge.output === item) === isItem).map((edge) => at(edge.target));
    return { id, item, node: at(id), itemTargets: targets(true), doneTargets: targets(false) };
  });
  const { innermost, tangled } = findLoopBodies(successors, forward, firstOrder, loops, isInput);
  const problems = new ProblemList();
  for (const part of feedback.endless)
    problems.add(
      endlessCycle(
        part.map((node) => ids[node] as string),
        nodes,
      ),
    );
  for (const [one, other] of tangled) {
    const pair = [one, other].map((index) => loops[index]?.id).filter((id) => id !== undefined);
    problems.add(invalidLoop(pair, nodes, 'shares nodes with another loop that is not inside it'));
  }

  const stays = (edge: PlanEdge): boolean => {
    const loop = loops.findIndex((one) => one.id === edge.source && one.item === edge.output);
    const from = loop === -1 ? (innermost[at(edge.source)] as number) : loop;
    return from === -1 || loopsAround(at(edge.target), innermost, loops).includes(from);
  };
  const edges: PlanEdge[] = [];
  const compiled = emptyRecord<PlanLoop>();
  for (const edge of wired) {
    if (edge.feedback) edges.push(edge);
    else if (!stays(edge)) problems.add(leavesLoop(edge, nodes));
    else edges.push(turnsBack(edge) ? { ...edge, feedback: true } : edge);
  }
  // The inputs of a body from outside must exist before its loop starts.
  const waits = adjacency(ids.length, edges, at, (edge) => !edge.feedback);
  for (const { source, target } of edges.filter((edge) => !edge.feedback)) {
    const around = loopsAround(at(source), innermost, loops);
    for (const loop of loopsAround(at(target), innermost, loops)) {
      const node = (loops[loop] as LoopNode).node;
      if (node !== at(source) && !around.includes(loop)) waits[at(source)]?.push(node);
    }
  }
  // The nodes after a loop wait for its body.
  for (const end of wired.filter((edge) => edge.feedback)) {
    const loop = loops.find((one) => one.id === end.target);
    for (const target of loop?.doneTargets ?? []) waits[at(end.source)]?.push(target);
  }
  for (const part of feedback.endless.length > 0 ? [] : findCycles(waits)) {
    problems.add(
      endlessCycle(
        part.map((node) => ids[node] as string),
        nodes,
      ),
    );
  }
  const waited = topologicalOrder(waits);
  const order = waited.length === ids.length ? waited : firstOrder;

  for (const [index, loop] of loops.entries()) {
    const ends = wired.filter((edge) => edge.feedback === true && edge.target === loop.id);
    const end = ends[0];
    if (end === undefined) {
      if (loop.itemTargets.length > 0) {
        problems.add(
          invalidLoop([loop.id], nodes, 'has no edge back into its Item output, so it collects nothing'),
        );
      }
      continue;
    }
    if (innermost[at(end.source)] !== index) {
      problems.add(
        invalidLoop([loop.id, end.source], nodes, 'gets its result from a node that is not in its body'),
      );
      continue;
    }
    const body = order.filter((node) => loopsAround(node, innermost, loops).includes(index));
    compiled[loop.id] = {
      body: body.map((node) => ids[node] as string),
      item: loop.item,
      feedback: { source: end.source, output: end.output },
    };
  }
  return {
    edges,
    order: order.map((node) => ids[node] as string),
    loops: compiled,
    cycles: feedback.cycles.map((part) => part.map((node) => ids[node] as string)),
    problems: problems.toArray(),
  };
}

function adjacency(
  count: number,
  edges: readonly PlanEdge[],
  at: (id: string) => number,
  keeps: (edge: PlanEdge) => boolean,
): number[][] {
  const successors: number[][] = Array.from({ length: count }, () => []);
  for (const edge of edges) if (keeps(edge)) successors[at(edge.source)]?.push(at(edge.target));
  return successors;
}

function named(ids: readonly string[], nodes: Readonly<Record<string, PlanNode>>): string {
  return ids.map((id) => `"${nodes[id]?.displayName ?? id}" (${id})`).join(', ');
}

function endlessCycle(ids: string[], nodes: Readonly<Record<string, PlanNode>>): Problem {
  return {
    code: ProblemCode.cycle,
    severity: 'blocking',
    message: `These nodes wait for each other in a cycle: ${named(ids, nodes)}.`,
    remedy:
      'Delete one of the edges, or connect the cycle through an If-Else node or back into the Item output of a Loop.',
    nodes: ids,
  };
}

function invalidLoop(ids: string[], nodes: Readonly<Record<string, PlanNode>>, what: string): Problem {
  return {
    code: ProblemCode.edgeInvalid,
    severity: 'blocking',
    message: `The loop ${named(ids.slice(0, 1), nodes)} ${what}${ids.length > 1 ? `: ${named(ids.slice(1), nodes)}` : ''}.`,
    remedy: 'Connect Item to the first node of the body, and the last node of the body back to Item.',
    nodes: ids,
  };
}

function leavesLoop(edge: PlanEdge, nodes: Readonly<Record<string, PlanNode>>): Problem {
  return {
    code: ProblemCode.edgeInvalid,
    severity: 'warning',
    message: `${named([edge.source], nodes)} runs once per item of a loop, so its edge to ${named([edge.target], nodes)} is not followed.`,
    remedy: "Take the results of all items from the Loop's Done output.",
    nodes: [edge.source, edge.target],
  };
}
