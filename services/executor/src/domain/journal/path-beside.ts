import { parsePath, pathOf } from '@causeway/dag';
import type { Plan } from '@causeway/dag';

/**
 * The path of the visit in which a node receives the result of a step: in the same iterations, and in a router's cycle on the same round.
 *
 * @param path    of the step
 * @param nodeId  of the node that it leads to
 */
export function pathBeside(path: string, plan: Pick<Plan, 'nodes' | 'cycles'>, nodeId: string): string {
  const nodePath = plan.nodes[nodeId]?.path ?? nodeId;
  const step = parsePath(path);
  const goesRound = plan.cycles.some((cycle) => cycle.includes(nodeId));
  return pathOf({ ...step, nodePath, visit: goesRound ? step.visit : 1, done: false });
}
