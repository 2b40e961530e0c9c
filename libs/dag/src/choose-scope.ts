import type { Plan } from './plan.js';
import type { Problem } from './problem.js';
import type { RunScope } from './run.js';

/** What a request says about which part of the flow it wants. */
export interface ScopeRequest {
  /** Node id to start from; upstream's rule picks one when absent. */
  readonly start?: string;
  /** Node id to stop at: only it and what it needs runs. */
  readonly stop?: string;
  /** @default 'chat' */
  readonly inputType?: 'chat' | 'text' | 'any';
  /** @default 'chat' */
  readonly outputType?: 'chat' | 'text' | 'any' | 'debug';
  /** Id or display name of the one node to answer with. */
  readonly outputComponent?: string;
}

export function chooseScope(plan: Plan, request: ScopeRequest = {}): RunScope | Problem[] {
  void request;
  return { start: undefined, nodes: plan.order, outputs: plan.outputs };
}

export function blockingProblems(plan: Plan, scope: RunScope): Problem[] {
  void scope;
  return plan.problems.filter((problem) => problem.severity === 'blocking');
}
