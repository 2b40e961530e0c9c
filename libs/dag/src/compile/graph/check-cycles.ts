import { findCycles } from './find-cycles.js';
import type { PlanEdge, PlanNode } from '../../plan.js';
import { type Problem, ProblemCode } from '../../problem.js';

/**
 * Warns of cycles that If-Else nodes do not end by themselves: those that remain when each of them takes its default
 * route, which it does from visit `max_iterations` on. Linear in nodes and edges.
 *
 * @param cycles  node ids of each cycle that contains a router
 */
export function checkCycles(
  cycles: readonly (readonly string[])[],
  nodes: Readonly<Record<string, PlanNode>>,
  wired: readonly PlanEdge[],
): Problem[] {
  const ids = cycles.flat();
  const number = new Map(ids.map((id, index) => [id, index]));
  const successors: number[][] = ids.map(() => []);
  for (const edge of wired) {
    const [source, target] = [number.get(edge.source), number.get(edge.target)];
    if (source === undefined || target === undefined || edge.feedback) continue;
    if (leadsOn(nodes[edge.source], edge.output)) successors[source]?.push(target);
  }
  return findCycles(successors)
    .map((part) => part.map((index) => nodes[ids[index] as string] as PlanNode))
    .filter((part) => part.some((node) => node.role === 'router'))
    .map(unending);
}

/** False for an output that is finally closed, and for an output of a router that chooses anew at each visit. */
function leadsOn(node: PlanNode | undefined, output: string): boolean {
  if (node?.role !== 'router') return true;
  if (node.type !== 'ConditionalRouter') return false;
  const isTrue = node.fields['default_route']?.value === 'true_result';
  return output === (isTrue ? 'true_result' : 'false_result');
}

function unending(part: readonly PlanNode[]): Problem {
  const routers = part.filter((node) => node.role === 'router');
  const names = routers.map((node) => `"${node.displayName}" (${node.id})`).join(', ');
  return {
    code: ProblemCode.cycle,
    severity: 'warning',
    message: `${names} may repeat without end: after its iterations it takes its default route, which leads back into the cycle.`,
    remedy: 'Choose the output that leaves the cycle as the default route.',
    nodes: part.map((node) => node.id),
  };
}
