import { describe, expect, test } from 'vitest';
import { beginRun, decide } from '../decide/decide.js';
import type { Reducer } from './reducer.js';
import { simulate } from './simulate.js';

/** Seeds whose run breaks a rule, of the first few hundred. */
function failing(reducer: Reducer): number {
  let count = 0;
  for (let seed = 1; seed <= 300; seed++) if (simulate(seed, reducer).violations.length > 0) count++;
  return count;
}

test('2,000 runs under faults break no rule', () => {
  let [steps, deaths] = [0, 0];
  for (let seed = 1; seed <= 2_000; seed++) {
    const report = simulate(seed);
    expect(report.violations, `seed ${seed}; again: npm run simulate -- --from ${seed} --seeds 1`).toEqual(
      [],
    );
    steps += report.steps;
    deaths += report.deaths;
  }
  // Without enough faults and steps the runs would show nothing.
  expect(steps).toBeGreaterThan(10_000);
  expect(deaths).toBeGreaterThan(1_000);
});

test('equal seeds give equal reports', () => {
  expect(simulate(42)).toEqual(simulate(42));
});

describe('a broken reducer is detected', () => {
  test('one that ignores what routers close', () => {
    expect(
      failing({
        beginRun,
        decide: (plan, scope, state, event) =>
          decide(plan, scope, state, event.type === 'succeeded' ? { ...event, closedOutputs: [] } : event),
      }),
    ).toBeGreaterThan(20);
  });

  test('one that answers a second report of the same end again', () => {
    let last: { path: string; decision: ReturnType<typeof decide> } | undefined;
    expect(
      failing({
        beginRun,
        decide: (plan, scope, state, event) => {
          if (event.type === 'succeeded' && last?.path === event.path) return last.decision;
          const decision = decide(plan, scope, state, event);
          last = event.type === 'succeeded' ? { path: event.path, decision } : undefined;
          return decision;
        },
      }),
    ).toBeGreaterThan(5);
  });

  test('one that collects the results of a loop out of order', () => {
    expect(
      failing(
        mapStarts((start) => ({ ...start, ...(start.gather && { gather: [...start.gather].reverse() }) })),
      ),
    ).toBeGreaterThan(20);
  });

  test('one that omits the values of feedback edges', () => {
    expect(
      failing(
        mapStarts((start) =>
          start.visit === 1
            ? start
            : { ...start, inputs: start.inputs.map((input) => ({ ...input, sources: [] })) },
        ),
      ),
    ).toBeGreaterThan(5);
  });

  test('one that forgets a step', () => {
    expect(
      failing({
        beginRun,
        decide: (plan, scope, state, event) => {
          const { commands } = decide(plan, scope, state, event);
          return {
            state,
            commands: commands.filter((command) => command.type !== 'start' || !command.path.endsWith('2')),
          };
        },
      }),
    ).toBeGreaterThan(20);
  });
});

type Start = ReturnType<typeof decide>['commands'][number] & { type: 'start' };

function mapStarts(change: (start: Start) => Start): Reducer {
  return {
    beginRun,
    decide: (...given) => {
      const { state, commands } = decide(...given);
      return {
        state,
        commands: commands.map((command) => (command.type === 'start' ? change(command) : command)),
      };
    },
  };
}
