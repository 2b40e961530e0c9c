import { type Plan, type PlanNode, type StepPath, chooseScope, parsePath } from '@causeway/dag';
import type { Finding, Invariant, Ledger } from './invariant.js';

/** A node's step in the journal. */
interface Step extends StepPath {
  readonly path: string;
  readonly seq: number;
  readonly epoch: number;
  readonly status: string;
  readonly items: number | null;
  readonly startedMs: number | null;
  readonly finishedMs: number;
}

interface Walked {
  readonly runId: string;
  readonly status: string;
  readonly plan: Plan;
  /** Steps by the node's path in the plan. */
  readonly steps: ReadonlyMap<string, readonly Step[]>;
}

/** Times are kept in whole milliseconds. */
const ROUNDING_MS = 2;

/** Invariants of the order of steps, by the plan of the version to which the run is pinned. */
export const walkInvariants: readonly Invariant[] = [
  {
    number: 5,
    name: 'a step began only after all that lead to it had settled',
    check: (ledger) => checkRuns(ledger, findEarlySteps),
  },
  {
    number: 6,
    name: 'a run that succeeded has a result for each node that it had to execute',
    check: (ledger) =>
      checkRuns(ledger, (run) => (run.status === 'succeeded' ? findMissingSteps(run) : undefined)),
  },
];

async function checkRuns(
  ledger: Ledger,
  find: (run: Walked) => readonly string[] | undefined,
): Promise<Finding> {
  let looked = 0;
  const violations: string[] = [];
  for await (const run of walkedRuns(ledger)) {
    const found = find(run);
    if (found === undefined) continue;
    looked += 1;
    violations.push(...found.map((what) => `run ${run.runId}: ${what}`));
  }
  return { looked, violations };
}

function findEarlySteps({ plan, steps }: Walked): string[] {
  const found: string[] = [];
  for (const { source, output, target, feedback } of plan.edges) {
    const [from, to] = [plan.nodes[source], plan.nodes[target]];
    if (feedback || !from || !to) continue;
    // The items of a loop exist once it has begun; its other outputs come with its closing step.
    const wantsDone = from.role === 'loop' && plan.loops[source]?.item !== output;
    for (const step of steps.get(to.path) ?? []) {
      if (step.done) continue;
      const before = (steps.get(from.path) ?? []).filter(
        (one) => one.done === wantsDone && isAround(one, step) && one.seq < step.seq,
      );
      if (before.length === 0 && !wasPassedOver(from, step, steps)) {
        found.push(`${step.path} was event ${step.seq}, and nothing of ${from.path} came before it`);
      } else if (before.every((one) => one.epoch === step.epoch && beganBeforeEnd(step, one))) {
        found.push(...before.map((one) => `${step.path} began before ${one.path} had ended`));
      }
    }
  }
  return found;
}

/** A loop that was skipped has no closing step, only a row that says so. */
function wasPassedOver(from: PlanNode, step: Step, steps: Walked['steps']): boolean {
  if (from.role !== 'loop') return false;
  return (steps.get(from.path) ?? []).some(
    (one) => one.status === 'skipped' && isAround(one, step) && one.seq < step.seq,
  );
}

function beganBeforeEnd(step: Step, before: Step): boolean {
  return step.startedMs !== null && step.startedMs < before.finishedMs - ROUNDING_MS;
}

function findMissingSteps({ plan, steps }: Walked): string[] {
  const scope = chooseScope(plan, {});
  if (Array.isArray(scope) || !('nodes' in scope)) return [];
  const inner = new Set(Object.values(plan.loops).flatMap(({ body }) => body));
  const outer = scope.nodes.filter((id) => !inner.has(id));
  const missing = outer
    .filter((id) => !hasEnded(steps, plan.nodes[id], ''))
    .map((id) => `${id} has no result`);
  for (const id of outer) {
    const loop = plan.loops[id];
    const nested = new Set((loop?.body ?? []).flatMap((member) => plan.loops[member]?.body ?? []));
    const [opened] = (steps.get(plan.nodes[id]?.path ?? '') ?? []).filter(({ done }) => !done);
    for (let index = 0; loop && index < (opened?.items ?? 0); index += 1) {
      const around = `${opened?.path}[${index}]/`;
      const lost = loop.body.filter(
        (member) => !nested.has(member) && !hasEnded(steps, plan.nodes[member], around),
      );
      missing.push(...lost.map((member) => `${around}${member} has no result`));
    }
  }
  return missing;
}

function hasEnded(steps: Walked['steps'], node: PlanNode | undefined, around: string): boolean {
  return (steps.get(node?.path ?? '') ?? []).some(
    ({ path, status }) => path === around + (node?.path ?? '') && ['succeeded', 'skipped'].includes(status),
  );
}

/** Whether a step is in the same iterations as another, or in fewer of them. */
function isAround(one: StepPath, other: StepPath): boolean {
  return one.iterations.every(({ loop, visit, index }, depth) => {
    const there = other.iterations[depth];
    return there?.loop === loop && there.visit === visit && there.index === index;
  });
}

async function* walkedRuns(ledger: Ledger): AsyncGenerator<Walked> {
  const runs = await ledger.query<{ run_id: string; flow_id: string; version_hash: string; status: string }>(
    `SELECT run_id, flow_id, version_hash, status FROM executor.execution WHERE epoch > 0`,
  );
  for (const { run_id: runId, flow_id: flowId, version_hash: versionHash, status } of runs) {
    const plan = await ledger.planOf(flowId, versionHash);
    if (plan) yield { runId, status, plan, steps: await stepsOf(ledger, runId, plan) };
  }
}

async function stepsOf(ledger: Ledger, runId: string, plan: Plan): Promise<Map<string, Step[]>> {
  const rows = await ledger.query<Omit<Step, keyof StepPath>>(
    `SELECT path, seq, epoch, status, items, (extract(epoch FROM started_at) * 1000)::float8 AS "startedMs",
            (extract(epoch FROM finished_at) * 1000)::float8 AS "finishedMs"
     FROM executor.step_result WHERE run_id = $1 ORDER BY seq`,
    [runId],
  );
  const steps = new Map(Object.values(plan.nodes).map((node) => [node.path, [] as Step[]]));
  // Calls inside nodes have paths that no node has.
  for (const row of rows) {
    const step = { ...row, ...parsePath(row.path) };
    steps.get(step.nodePath)?.push(step);
  }
  return steps;
}
