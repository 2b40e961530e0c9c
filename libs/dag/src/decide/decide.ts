import type { Plan } from '../plan.js';
import type { RunCommand, RunEvent, RunScope } from '../run.js';
import type { RunState } from './run-state.js';
import { emptyRecord } from '../safe-record.js';
import { layoutOf } from './walk-layout.js';
import { Walk } from './walk.js';

/** The reducer's answer to an event. */
export interface Decision {
  readonly state: RunState;
  /** To be carried out in this order. */
  readonly commands: readonly RunCommand[];
}

/** The state of a run of which nothing has happened yet; the first event is `begin`. */
export function beginRun(plan: Plan, scope: RunScope): RunState {
  // Laid out here, so that no event pays for it.
  layoutOf(plan, scope);
  return { format: 1, phase: 'new', frames: emptyRecord(), running: emptyRecord(), results: emptyRecord() };
}

/**
 * What a run does next. Pure but for the state, which it owns: the state given must not be used again.
 *
 * A second report of a step's end changes nothing, nor does any event after `finish`. Reports may come in any order in which
 * their steps were started: the same results lead to the same commands. To resume, give a new state the journal's results for
 * the steps it starts, and run the others. Costs as much as the node has edges; a router also what its closed branch has.
 *
 * @param plan   the plan at the run's start, with tweaks and input; the same object for all events of a run is fastest
 * @param scope  of the same run
 */
export function decide(plan: Plan, scope: RunScope, state: RunState, event: RunEvent): Decision {
  const walk = new Walk(plan, scope, state);
  walk.take(event);
  return { state, commands: walk.commands };
}
