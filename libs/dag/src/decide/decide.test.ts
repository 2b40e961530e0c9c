import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFlow } from '../compile/compile-flow.js';
import { beginRun, decide } from './decide.js';
import type { RunCommand, RunEvent } from '../run.js';
import type { RunState } from './run-state.js';
import { testCatalogue } from '../testing/test-catalogue.js';
import { testFlow } from '../testing/test-flow.js';
import { inputsOf as inputs, steps, testRun, testScope, walkPlan } from '../testing/test-run.js';

describe('nodes', () => {
  const diamond = testFlow({ in: 'ChatInput', ...steps('a', 'b', 'c'), out: 'ChatOutput' }, [
    'in.message > a.a; in.message > b.a; a.text > c.a; b.text > c.b',
    'c.text > out.input_value',
  ]);
  const plan = compileFlow(diamond, testCatalogue);
  const scope = testScope(plan);

  test('start as soon as their inputs exist', () => {
    const state = beginRun(plan, scope);
    const paths = (event: RunEvent): string[] =>
      decide(plan, scope, state, event).commands.map((command) =>
        command.type === 'finish' ? 'finish' : command.path,
      );
    expect(paths({ type: 'begin' })).toEqual(['in']);
    expect(paths({ type: 'succeeded', path: 'in' })).toEqual(['a', 'b']);
    expect(paths({ type: 'succeeded', path: 'b' })).toEqual([]);
    expect(paths({ type: 'succeeded', path: 'b' })).toEqual([]);
    expect(paths({ type: 'succeeded', path: 'a' })).toEqual(['c']);
    expect(paths({ type: 'succeeded', path: 'never-started' })).toEqual([]);
    expect(paths({ type: 'begin' })).toEqual([]);
    expect(paths({ type: 'succeeded', path: 'c' })).toEqual(['out']);
    expect(paths({ type: 'succeeded', path: 'out' })).toEqual(['finish']);
    expect(paths({ type: 'succeeded', path: 'out' })).toEqual([]);
  });

  test('get their inputs by field, and the run answers with the paths of its outputs', () => {
    const run = testRun(diamond);
    expect(inputs(run, 'c')).toEqual({ a: ['a.text'], b: ['b.text'] });
    expect(run.starts.get('in')).toEqual({
      type: 'start',
      path: 'in',
      nodeId: 'in',
      visit: 1,
      inputs: [],
      outputs: ['message'],
    });
    expect(run.finish).toEqual({ type: 'finish', status: 'succeeded', results: { out: 'out' } });
  });

  test('a list field gets all, a single field the later edge', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', ...steps('a', 'b', 'c') }, [
        'in.message > a.a; in.message > b.a; a.text > c.all; b.text > c.all; a.text > c.a',
        'b.text > c.a',
      ]),
    );
    expect(inputs(run, 'c')).toEqual({ all: ['a.text', 'b.text'], a: ['b.text'] });
    expect(run.starts.get('c')?.inputs.map(({ field, list }) => [field, list])).toEqual([
      ['all', true],
      ['a', false],
    ]);
  });

  test('none at all: the run ends at once', () => {
    const empty = compileFlow(testFlow({}, []), testCatalogue);
    expect(walkPlan(empty, testScope(empty)).finish).toEqual({
      type: 'finish',
      status: 'succeeded',
      results: {},
    });
  });

  test('a failure ends the run at once and names its path', () => {
    const run = testRun(diamond, { fails: ['b'] });
    expect(run.finish).toEqual({ type: 'finish', status: 'failed', failedPath: 'b', results: {} });
    expect(run.paths).toEqual(['in', 'a', 'b']);
  });

  test.each(['cancelled', 'timed_out'] as const)(
    'a stop ends the run as %s, and nothing follows',
    (status) => {
      const state = beginRun(plan, scope);
      decide(plan, scope, state, { type: 'begin' });
      expect(decide(plan, scope, state, { type: 'stop', status }).commands).toEqual([
        { type: 'finish', status, results: {} },
      ]);
      expect(decide(plan, scope, state, { type: 'succeeded', path: 'in' }).commands).toEqual([]);
      expect(decide(plan, scope, state, { type: 'stop', status }).commands).toEqual([]);
    },
  );
});

test('a path names the groups around a node', () => {
  const plan = compileFlow(
    testFlow({ in: 'ChatInput', l: 'LoopComponent', ...steps('a') }, [
      'in.message > l.data',
      'l.item > a.a',
      'a.text > l.item',
    ]),
    testCatalogue,
  );
  const inGroup = {
    ...plan,
    nodes: Object.fromEntries(
      Object.entries(plan.nodes).map(([id, node]) => [id, { ...node, path: `g/${id}` }]),
    ),
  };
  expect(walkPlan(inGroup, testScope(inGroup), { items: { l: 1 } }).paths).toEqual([
    'g/in',
    'g/l',
    'g/l[0]/g/a',
    'g/l[done]',
  ]);
});

describe('the state', () => {
  const flow = testFlow(
    { in: 'ChatInput', l: 'LoopComponent', ...steps('a', 'x'), r: 'ConditionalRouter', out: 'ChatOutput' },
    [
      'in.message > x.a; x.text > l.data; l.item > a.a; a.text > l.item; l.done > r.other',
      'r.false_result > x.b; r.true_result > out.input_value',
    ],
  );
  const plan = compileFlow(flow, testCatalogue);
  const scope = testScope(plan);

  test('is plain JSON at every event', () => {
    let state: RunState = beginRun(plan, scope);
    const events: RunEvent[] = [{ type: 'begin' }];
    const paths: string[] = [];
    for (let event = events.shift(); event !== undefined; event = events.shift()) {
      const copy = JSON.parse(JSON.stringify(state)) as RunState;
      expect(copy).toEqual(state);
      const decision = decide(structuredClone(plan), structuredClone(scope), copy, event);
      state = decision.state;
      for (const command of decision.commands) {
        if (command.type !== 'start') continue;
        paths.push(command.path);
        const closedOutputs =
          command.nodeId === 'r' ? [command.visit === 1 ? 'true_result' : 'false_result'] : [];
        events.push({ type: 'succeeded', path: command.path, items: 1, closedOutputs });
      }
    }
    expect(paths).toEqual(
      walkPlan(plan, scope, {
        items: { l: 1 },
        closes: { r: [['true_result'], ['false_result']] },
      }).paths.filter((path) => !path.startsWith('-')),
    );
  });
});

test('the same results in any order lead to the same commands', () => {
  const flow = testFlow(
    {
      in: 'ChatInput',
      ...steps('a', 'b', 'c', 'd', 'e'),
      r: 'ConditionalRouter',
      s: 'ConditionalRouter',
      ...steps('m', 'n'),
      out: 'ChatOutput',
    },
    [
      'in.message > a.a; in.message > b.a; in.message > c.a; a.text > r.input_text',
      'b.text > s.input_text',
      'r.true_result > d.a; r.false_result > e.a; s.true_result > d.b; s.false_result > a.b',
      'd.text > m.a; e.text > m.b',
      'c.text > n.a; m.text > n.b; n.text > out.input_value',
    ],
  );
  const plan = compileFlow(flow, testCatalogue);
  const scope = testScope(plan);
  const commandsIn = (order: readonly number[], closes: readonly string[]): string[] => {
    const state = beginRun(plan, scope);
    const seen: RunCommand[] = [];
    const running: string[] = [];
    let at = 0;
    const take = (event: RunEvent): void => {
      for (const command of decide(plan, scope, state, event).commands) {
        seen.push(command);
        if (command.type === 'start') running.push(command.path);
      }
    };
    take({ type: 'begin' });
    while (running.length > 0) {
      const [path = ''] = running.splice((order[at++ % order.length] as number) % running.length, 1);
      const [id = ''] = path.split('#');
      const closedOutputs =
        id === 'r' || id === 's'
          ? closes.filter((one) => one.startsWith(`${path} `)).map((one) => one.split(' ')[1] ?? '')
          : [];
      take({ type: 'succeeded', path, closedOutputs });
    }
    return seen.map((command) => JSON.stringify(command)).sort();
  };
  const closes = fc.subarray([
    'r true_result',
    'r false_result',
    's true_result',
    's false_result',
    'r#2 true_result',
    'r#2 false_result',
    's#2 false_result',
  ]);
  fc.assert(
    fc.property(
      fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
      closes,
      (one, other, closed) => {
        expect(commandsIn(one, closed)).toEqual(commandsIn(other, closed));
      },
    ),
    { numRuns: 500 },
  );
});

test('the cost of an event grows with the edges of its node, not with the nodes of the flow', () => {
  const walksOf = (count: number, walks: number): (() => number) => {
    const ids = Array.from({ length: count }, (_unused, index) => `s${index}`);
    const plan = compileFlow(
      testFlow(
        steps(...ids),
        ids.slice(1).map((id, index) => `s${index}.text > ${id}.a`),
      ),
      testCatalogue,
    );
    const scope = testScope(plan);
    return () => {
      // Processor time of this thread, in which other programs on the machine do not count.
      const began = process.threadCpuUsage();
      for (let times = 0; times < walks; times += 1) expect(walkPlan(plan, scope).paths).toHaveLength(count);
      const { user, system } = process.threadCpuUsage(began);
      return (user + system) / walks;
    };
  };
  const [few, many] = [walksOf(1_000, 20), walksOf(10_000, 2)];
  few();
  // Ten times as many events take ten times as long, and somewhat more for lack of cache; a cost that grew with the flow would make it
  // a hundred times.
  const least = (walk: () => number): number => Math.min(...Array.from({ length: 5 }, walk));
  expect(least(many)).toBeLessThan(30 * least(few));
});
