import { chooseScope, type ScopeRequest } from '../request/choose-scope.js';
import { compileFlow } from '../compile/compile-flow.js';
import { beginRun, decide } from '../decide/decide.js';
import type { FlowDocument } from '../file/flow-document.js';
import type { Plan } from '../plan.js';
import type { RunCommand, RunScope } from '../run.js';
import { testCatalogue } from './test-catalogue.js';

/** How the nodes of a test run behave. */
export interface TestScript {
  /** Outputs that a router closes, by node id: one list per visit, the last one for all later visits. */
  readonly closes?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** How many items a Loop finds, by node id. @default 2 */
  readonly items?: Readonly<Record<string, number>>;
  /** Paths of steps that fail. */
  readonly fails?: readonly string[];
  readonly request?: ScopeRequest;
}

/** What a test run did, in order. */
export interface TestRun {
  /** Paths that were started; those that were skipped begin with `-`. */
  readonly paths: readonly string[];
  readonly starts: ReadonlyMap<string, RunCommand & { type: 'start' }>;
  readonly finish: RunCommand & { type: 'finish' };
}

/** Compiles a flow and executes it to its end; a step ends before those that were requested after it. */
export function testRun(flow: FlowDocument, script: TestScript = {}): TestRun {
  const plan = compileFlow(flow, testCatalogue);
  return walkPlan(plan, testScope(plan, script.request), script);
}

/** The scope of a request that must have one. */
export function testScope(plan: Plan, request: ScopeRequest = {}): RunScope {
  const scope = chooseScope(plan, request);
  if (Array.isArray(scope)) throw new Error(scope.map((problem) => problem.message).join('\n'));
  return scope;
}

/** Executes a plan to its end. */
export function walkPlan(plan: Plan, scope: RunScope, script: TestScript = {}): TestRun {
  const paths: string[] = [];
  const starts = new Map<string, RunCommand & { type: 'start' }>();
  let finish: TestRun['finish'] | undefined;
  let { state, commands } = decide(plan, scope, beginRun(plan, scope), { type: 'begin' });
  const running: (RunCommand & { type: 'start' })[] = [];
  let at = 0;
  for (;;) {
    for (const command of commands) {
      if (command.type === 'finish') finish = command;
      else paths.push(command.type === 'skip' ? `-${command.path}` : command.path);
      if (command.type !== 'start') continue;
      starts.set(command.path, command);
      running.push(command);
    }
    if (finish !== undefined) return { paths, starts, finish };
    const next = running[at++];
    if (next === undefined) throw new Error('The run makes no progress.');
    if (at > 100_000) throw new Error('The run repeats for ever.');
    const { path, nodeId, visit } = next;
    const closes = script.closes?.[nodeId];
    const closedOutputs = closes?.[Math.min(visit, closes.length) - 1] ?? [];
    ({ state, commands } = decide(
      plan,
      scope,
      state,
      script.fails?.includes(path)
        ? { type: 'failed', path, code: 'TEST' }
        : { type: 'succeeded', path, closedOutputs, items: script.items?.[nodeId] ?? 2 },
    ));
  }
}

/** What the fields of a started step receive: `path.output`, with `@index` for an item. */
export function inputsOf(run: TestRun, path: string): Record<string, string[]> {
  const bindings = run.starts.get(path)?.inputs ?? [];
  return Object.fromEntries(
    bindings.map(({ field, sources }) => [
      field,
      sources.map(
        ({ path: from, output, index }) => `${from}.${output}${index === undefined ? '' : `@${index}`}`,
      ),
    ]),
  );
}

/** Plain nodes by id. */
export function steps(...ids: string[]): Record<string, string> {
  return Object.fromEntries(ids.map((id) => [id, 'Step']));
}
