import type { Plan } from './plan.js';
import type { RunScope } from './run.js';

/** What a request gives to the input nodes. */
export interface RunInput {
  readonly inputValue?: string;
  /** @default 'chat' */
  readonly inputType?: 'chat' | 'text' | 'any';
  /** Set on every node with such a field; the caller passes the flow's id when the request names no session. */
  readonly sessionId: string;
}

export function applyRunInput(plan: Plan, scope: RunScope, input: RunInput): Plan {
  void scope;
  void input;
  return plan;
}
