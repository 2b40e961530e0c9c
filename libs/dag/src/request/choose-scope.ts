import { missingFields } from '../compile/missing-fields.js';
import type { Plan, PlanNode } from '../plan.js';
import { type Problem, ProblemCode } from '../problem.js';
import type { RunScope } from '../run.js';
import { entryOf } from '../safe-record.js';

/** The part of the flow that a request asks for. */
export interface ScopeRequest {
  /** Node id to start from; chosen by the rule below when absent. */
  readonly start?: string;
  /** Node id to stop at: only this node and what it needs runs. */
  readonly stop?: string;
  /** @default 'chat' */
  readonly inputType?: 'chat' | 'text' | 'any';
  /** @default 'chat' */
  readonly outputType?: 'chat' | 'text' | 'any' | 'debug';
  /** Id or display name of the node whose result is the answer; an empty text counts as absent. */
  readonly outputComponent?: string;
}

/**
 * Chooses the nodes that a run executes and the nodes whose results are its answer.
 *
 * The start is the first input node whose id contains `webhook`, else `chat`. All nodes that it leads to run, with all
 * their ancestors; without a start every node runs. The answer has, in the file's order and without nodes that do not
 * run: the named node, else the output nodes whose id contains the output type, or all output nodes if the flow has
 * none of that type.
 *
 * @returns  the scope, or the problems that keep one from being chosen
 */
export function chooseScope(plan: Plan, request: ScopeRequest = {}): RunScope | Problem[] {
  const unknown = [request.start, request.stop].filter(
    (id): id is string => id !== undefined && id !== '' && entryOf(plan.nodes, id) === undefined,
  );
  if (unknown.length > 0) return unknown.map(noSuchNode);
  const start = request.start || plan.inputs.find((id) => /webhook|chat/i.test(id));
  const chats = plan.inputs.filter((id) => entryOf(plan.nodes, id)?.type === 'ChatInput');
  if (start === undefined && chats.length > 1) return [ambiguous(chats, plan)];

  const walk = new PlanWalk(plan);
  // An explicit stop without an explicit start asks for one node's result, whatever the request's input is.
  const from = request.stop && !request.start ? undefined : start;
  let nodes = from === undefined ? new Set(plan.order) : walk.withNeeds(walk.reachable([from], 'down'));
  if (request.stop) {
    const needed = walk.withNeeds(new Set([request.stop]));
    nodes = new Set([...nodes].filter((id) => needed.has(id)));
  }
  // A tool that no agent uses would only fail, since it has no arguments.
  for (const id of plan.order) {
    const isTool = entryOf(plan.nodes, id)?.toolMode === true;
    if (isTool && !walk.leads(id) && id !== request.start && id !== request.stop) nodes.delete(id);
  }
  const outputs = chooseOutputs(plan, nodes, request);
  if (outputs === undefined) return [noSuchOutput(request.outputComponent ?? '')];
  return { start, nodes: plan.order.filter((id) => nodes.has(id)), outputs };
}

/**
 * Problems that refuse a run of this scope; call it with tweaks and input already in the plan. A scope without nodes
 * has all problems of the plan.
 */
export function blockingProblems(plan: Plan, scope: RunScope): Problem[] {
  const inScope = new Set(scope.nodes);
  const known = plan.problems.filter(
    (problem) =>
      problem.severity === 'blocking' &&
      (problem.nodes.length === 0 || inScope.size === 0 || problem.nodes.some((id) => inScope.has(id))),
  );
  return [...known, ...missingFields(plan, scope)];
}

/**
 * A plan's problems from the view of a run: the problems of a node that no run reaches are warnings, and a flow without a possible run
 * has a problem that says why.
 */
export function problemsOfRuns(plan: Plan): Problem[] {
  const scope = chooseScope(plan);
  const reached = 'nodes' in scope ? new Set(scope.nodes) : undefined;
  const isMet = ({ nodes }: Problem): boolean =>
    nodes.length === 0 || reached === undefined || reached.size === 0 || nodes.some((id) => reached.has(id));
  const unfound = 'nodes' in scope ? [] : scope;
  return [...plan.problems, ...unfound].map((problem) => ({
    ...problem,
    severity: isMet(problem) ? problem.severity : 'warning',
  }));
}

class PlanWalk {
  readonly #down = new Map<string, string[]>();
  readonly #up = new Map<string, string[]>();

  constructor(readonly plan: Plan) {
    for (const { source, target } of plan.edges) {
      add(this.#down, source, target);
      add(this.#up, target, source);
    }
    // A loop runs with its whole body, so each needs the other.
    for (const [loop, { body }] of Object.entries(plan.loops)) {
      for (const id of body) {
        add(this.#up, loop, id);
        add(this.#up, id, loop);
      }
    }
  }

  reachable(from: Iterable<string>, way: 'down' | 'up'): Set<string> {
    const next = way === 'down' ? this.#down : this.#up;
    const found = new Set<string>();
    const open = [...from];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id)) continue;
      found.add(id);
      open.push(...(next.get(id) ?? []));
    }
    return found;
  }

  leads(id: string): boolean {
    return this.#down.has(id);
  }

  withNeeds(ids: Iterable<string>): Set<string> {
    return this.reachable(ids, 'up');
  }
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, [value]);
  else there.push(value);
}

function chooseOutputs(plan: Plan, nodes: ReadonlySet<string>, request: ScopeRequest): string[] | undefined {
  const ofScope = (ids: readonly string[]): string[] => ids.filter((id) => nodes.has(id));
  const all = Object.keys(plan.nodes);
  const named = request.outputComponent;
  if (named) {
    const isNamed = (node: PlanNode | undefined): boolean =>
      node?.id === named || node?.displayName === named;
    const found = all.filter((id) => isNamed(entryOf(plan.nodes, id)));
    return found.length === 0 ? undefined : ofScope(found);
  }
  const type = request.outputType ?? 'chat';
  if (type === 'debug') return ofScope(all);
  const typed = plan.outputs.filter((id) => type === 'any' || id.toLowerCase().includes(type));
  return ofScope(typed.length > 0 ? typed : plan.outputs);
}

function noSuchNode(id: string): Problem {
  return {
    code: ProblemCode.nodeInvalid,
    severity: 'blocking',
    message: `The flow has no node "${id}" to start or stop at.`,
    remedy: 'Give the id of a node, as the flow file has it.',
    nodes: [],
  };
}

function noSuchOutput(name: string): Problem {
  return {
    code: ProblemCode.noOutput,
    severity: 'blocking',
    message: `The flow has no node with the id or display name "${name}" to answer with.`,
    remedy: 'Give the id or display name of a node, or leave output_component out.',
    nodes: [],
  };
}

function ambiguous(ids: readonly string[], plan: Plan): Problem {
  const names = ids.map((id) => `"${entryOf(plan.nodes, id)?.displayName ?? id}" (${id})`).join(' and ');
  return {
    code: ProblemCode.startAmbiguous,
    severity: 'blocking',
    message: `The flow has several chat inputs, ${names}, and none is marked as the start.`,
    remedy: 'Delete all but one, or name the start node in the request.',
    nodes: [...ids],
  };
}
