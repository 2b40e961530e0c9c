import type { RunInput } from '@causeway/contracts';
import { applyRunInput, applyTweaks, blockingProblems, chooseScope } from '@causeway/dag';
import type { Json, Plan, Problem, RunScope } from '@causeway/dag';
import { requestFields } from './request-fields.js';
import type { RequestFields } from './request-fields.js';

/** What a run executes: the plan with the request's changes in it, and which part of it. */
export interface PreparedRun {
  readonly plan: Plan;
  readonly scope: RunScope;
  /** The request's session, or the one given for a request that names none. */
  readonly sessionId: string;
  /** What the request changed in the plan. */
  readonly written: RequestFields;
  /** Sentences for the caller that name what the request gave and the run cannot use. */
  readonly warnings: readonly string[];
}

/** Applies a request to a plan, or returns every problem that keeps the plan from running. */
export function prepareRun(plan: Plan, input: RunInput, defaultSession: string): PreparedRun | Problem[] {
  const { inputValue, inputType, outputType, outputComponent } = input;
  const sessionId = input.sessionId || defaultSession;
  const request = { inputType, ...(inputValue === undefined ? {} : { inputValue }) };
  const tweaked = applyTweaks(plan, input.tweaks, request);
  const called = applyTweaks(tweaked.plan, webhookTweaks(plan, input.webhookBody));
  const tweakProblems = [...tweaked.problems, ...called.problems];
  if (tweakProblems.length > 0) return tweakProblems;
  const scope = chooseScope(called.plan, {
    inputType,
    outputType,
    ...(outputComponent === undefined ? {} : { outputComponent }),
  });
  if (!('nodes' in scope)) return scope;
  const filled = applyRunInput(called.plan, scope, { ...request, sessionId });
  const problems = blockingProblems(filled, scope);
  return problems.length > 0
    ? problems
    : {
        plan: filled,
        scope,
        sessionId,
        written: requestFields(plan, filled),
        warnings: ignoredWarnings(input.ignored, tweaked.ignored),
      };
}

function ignoredWarnings(members: readonly string[] = [], tweaks: readonly string[]): string[] {
  return [
    ...(members.length === 0
      ? []
      : [`A run has no members of these names; they were ignored: ${members.join(', ')}.`]),
    ...(tweaks.length === 0
      ? []
      : [`The flow has no node or field of these names; the tweaks were ignored: ${tweaks.join(', ')}.`]),
  ];
}

/** A webhook call's body becomes the data of every Webhook node. */
function webhookTweaks(
  plan: Plan,
  body: string | undefined,
): Record<string, Record<string, Json>> | undefined {
  if (body === undefined) return undefined;
  const nodes = Object.values(plan.nodes).filter((node) => node.type === 'Webhook');
  return Object.fromEntries(nodes.map((node) => [node.id, { data: body }]));
}
