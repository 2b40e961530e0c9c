import { chooseScope } from '../request/choose-scope.js';
import { beginRun, decide } from '../decide/decide.js';
import type { Plan } from '../plan.js';
import type { RunScope } from '../run.js';
import { Faulty } from './faulty-run.js';
import { Random } from './random.js';
import { randomPlan } from './random-flow.js';
import type { Reducer } from './reducer.js';
import { Reference } from './reference.js';
import { World } from './world.js';

/** The result of one simulated run. */
export interface SimulationReport {
  readonly seed: number;
  /** What went wrong; empty when nothing did. */
  readonly violations: readonly string[];
  readonly nodes: number;
  /** Steps that ran, including those that ran again after a crash. */
  readonly steps: number;
  readonly deaths: number;
  readonly plan: Plan;
}

/**
 * Executes one random flow under faults: lost, doubled and reordered reports, and crashes after which a prefix of the
 * journal is left. Its end is compared with the simple reference, its journal with the invariants. Equal seeds give
 * equal reports.
 */
export function simulate(seed: number, reducer: Reducer = { beginRun, decide }): SimulationReport {
  const random = new Random(seed);
  const plan = randomPlan(random);
  const scope = randomScope(plan, random);
  const world = new World(plan, seed, random.chance(10));
  const run = new Faulty(plan, scope, world, random, reducer);
  run.run();
  const violations = [...run.violations];
  if (!run.stopped) violations.push(...compare(run, new Reference(plan, scope, world)));
  return { seed, violations, nodes: scope.nodes.length, steps: run.steps, deaths: run.deaths, plan };
}

function randomScope(plan: Plan, random: Random): RunScope {
  const stop = random.chance(20) ? random.pick(plan.order) : undefined;
  const scope = chooseScope(plan, {
    outputType: random.chance(50) ? 'debug' : 'chat',
    ...(stop && { stop }),
  });
  if (Array.isArray(scope)) throw new Error(`A random plan has no scope: ${scope[0]?.message}`);
  return scope;
}

function compare(run: Faulty, reference: Reference): string[] {
  const expected = reference.run();
  if (run.finish?.status !== expected.status) {
    return [`The run ended as ${run.finish?.status}, not as ${expected.status}.`];
  }
  if (expected.status === 'failed') return [];
  const violations: string[] = [];
  for (const [path, value] of expected.rows) {
    const row = run.journal.find(path);
    if (row === undefined) violations.push(`${path} is missing in the journal.`);
    else if (row.value !== value) violations.push(`${path} gave ${row.value}, not ${value}.`);
  }
  for (const row of run.journal.rows) {
    if (!expected.rows.has(row.path)) violations.push(`${row.path} is in the journal and should not be.`);
  }
  if (JSON.stringify(sorted(run.finish.results)) !== JSON.stringify(sorted(expected.results))) {
    violations.push(
      `The run answers ${JSON.stringify(run.finish.results)}, not ${JSON.stringify(expected.results)}.`,
    );
  }
  return violations;
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
}
