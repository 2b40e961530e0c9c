import type { Plan } from '../plan.js';
import type { RunCommand, RunEvent, RunScope } from '../run.js';
import type { RunState } from './run-state.js';
import { emptyRecord } from '../safe-record.js';
import { layoutOf } from './walk-layout.js';
import { Walk } from './walk.js';

/** The reducer's answer to an event. */
export interface Decision {
  readonly state: RunState;
  /** To be executed in this order. */
  readonly commands: readonly RunCommand[];
}

/** The state of a run before its first event, which is `begin`. */
export function beginRun(plan: Plan, scope: RunScope): RunState {
  // The layout is made here, so that no event has to wait for it.
  layoutOf(plan, scope);
  return { format: 1, phase: 'new', frames: emptyRecord(), running: emptyRecord(), results: emptyRecord() };
}

/**
 * Decides what a run does next. Pure except for the state, which it changes: do not use the given state again.
 *
 * A second report of a step's end changes nothing, and neither does any event after `finish`. Reports may come in any
 * order in which their steps were started: the same results lead to the same commands. To resume, give a new state the
 * journal's results for the steps it starts, and run the others. The cost grows with the node's edges, for a router
 * also with its closed branch.
 *
 * @param plan   the plan at the run's start, with tweaks and input; pass the same object for all events of a run, which
 * is fastest
 * @param scope  of the same run
 */
export function decide(plan: Plan, scope: RunScope, state: RunState, event: RunEvent): Decision {
  const walk = new Walk(plan, scope, state);
  walk.take(event);
  return { state, commands: walk.commands };
}
