import type { Plan } from './plan.js';
import type { RunCommand, RunEvent, RunScope } from './run.js';

/** Where a run's walk stands: plain JSON. Owned by the reducer: a state passed to `decide` must not be used again. */
export interface RunState {
  readonly format: 1;
}

/** The reducer's answer to an event. */
export interface Decision {
  readonly state: RunState;
  readonly commands: readonly RunCommand[];
}

export function beginRun(plan: Plan, scope: RunScope): RunState {
  void plan;
  void scope;
  return { format: 1 };
}

export function decide(plan: Plan, scope: RunScope, state: RunState, event: RunEvent): Decision {
  void plan;
  void scope;
  void event;
  return { state, commands: [] };
}
