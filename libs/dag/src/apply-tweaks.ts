import type { Plan } from './plan.js';
import type { Problem } from './problem.js';

/** A plan with a request's changes in it. Refuse the run when there are problems. */
export interface TweakedPlan {
  readonly plan: Plan;
  readonly problems: readonly Problem[];
}

export function applyTweaks(plan: Plan, tweaks: unknown): TweakedPlan {
  void tweaks;
  return { plan, problems: [] };
}
