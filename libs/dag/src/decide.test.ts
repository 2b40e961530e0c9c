import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFlow } from './compile-flow.js';
import { beginRun, decide } from './decide.js';
import type { RunCommand, RunEvent } from './run.js';
import type { RunState } from './run-state.js';
import { testCatalogue } from './test-catalogue.js';
import { testFlow } from './test-flow.js';
import { testRun, testScope, walkPlan } from './test-run.js';

function steps(...ids: string[]): Record<string, string> {
  return Object.fromEntries(ids.map((id) => [id, 'Step']));
}

function inputs(run: ReturnType<typeof testRun>, path: string): Record<string, string[]> {
  return Object.fromEntries(
    (run.starts.get(path)?.inputs ?? []).map(({ field, sources }) => [
      field,
      sources.map(
        (source) => `${source.path}.${source.output}${source.index === undefined ? '' : `@${source.index}`}`,
      ),
    ]),
  );
}

describe('nodes', () => {
  const diamond = testFlow({ in: 'ChatInput', ...steps('a', 'b', 'c'), out: 'ChatOutput' }, [
    ...['in.message > a.a', 'in.message > b.a', 'a.text > c.a', 'b.text > c.b', 'c.text > out.input_value'],
  ]);
  const plan = compileFlow(diamond, testCatalogue);
  const scope = testScope(plan);

  test('start the moment their inputs are there', () => {
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
        ...[
          'in.message > a.a',
          'in.message > b.a',
          'a.text > c.all',
          'b.text > c.all',
          'a.text > c.a',
          'b.text > c.a',
        ],
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

describe('a router', () => {
  const merge = testFlow(
    { in: 'ChatInput', r: 'ConditionalRouter', ...steps('yes', 'no', 'm'), out: 'ChatOutput' },
    [
      ...['in.message > r.input_text', 'r.true_result > yes.a', 'r.false_result > no.a'],
      ...[
        'yes.text > m.a',
        'no.text > m.b',
        'yes.text > m.all',
        'no.text > m.all',
        'm.text > out.input_value',
      ],
    ],
  );

  test('passes over what only its closed output leads to; a merge runs with the live branch', () => {
    const run = testRun(merge, { closes: { r: [['false_result']] } });
    expect(run.paths).toEqual(['in', 'r', 'yes', '-no', 'm', 'out']);
    expect(inputs(run, 'm')).toEqual({ a: ['yes.text'], b: [], all: ['yes.text'] });
  });

  test('that closes everything ends the run without an answer', () => {
    const run = testRun(merge, { closes: { r: [['true_result', 'false_result']] } });
    expect(run.paths).toEqual(['in', 'r', '-yes', '-no', '-m', '-out']);
    expect(run.finish).toEqual({ type: 'finish', status: 'succeeded', results: {} });
  });

  test('keeps a node out though another of its inputs is there', () => {
    const run = testRun(
      testFlow(
        {
          in: 'ChatInput',
          p: 'Prompt',
          r: 'ConditionalRouter',
          m: 'LanguageModelComponent',
          out: 'ChatOutput',
        },
        [
          ...['in.message > r.input_text', 'r.true_result > m.input_value', 'p.prompt > m.system_message'],
          'm.text_output > out.input_value',
        ],
      ),
      { closes: { r: [['true_result']] } },
    );
    expect(run.paths).toContain('-m');
    expect(run.paths).toContain('-out');
  });

  test('wired straight into a merge by both outputs lets it run with the open one', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', r: 'ConditionalRouter', out: 'ChatOutput' }, [
        ...[
          'in.message > r.input_text',
          'r.true_result > out.input_value',
          'r.false_result > out.input_value',
        ],
      ]),
      { closes: { r: [['false_result']] } },
    );
    expect(inputs(run, 'out')).toEqual({ input_value: ['r.true_result'] });
  });

  test('of several ways closes several; what two closed ones lead to and no open one is passed over', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', r: 'SmartRouter', ...steps('a', 'b', 'c', 'ab', 'bc') }, [
        ...[
          'in.message > r.input_text',
          'r.category_1_result > a.a',
          'r.category_2_result > b.a',
          'r.category_3_result > c.a',
        ],
        ...['a.text > ab.a', 'b.text > ab.b', 'b.text > bc.a', 'c.text > bc.b'],
      ]),
      { closes: { r: [['category_1_result', 'category_2_result']] } },
    );
    expect([...run.paths].sort()).toEqual(['-a', '-ab', '-b', 'bc', 'c', 'in', 'r']);
  });

  test('behind a router that is passed over decides nothing', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', r: 'ConditionalRouter', s: 'ConditionalRouter', ...steps('a', 'b', 'm') }, [
        ...[
          'in.message > r.input_text',
          'r.true_result > s.input_text',
          's.true_result > a.a',
          's.false_result > b.a',
        ],
        ...['a.text > m.a', 'b.text > m.b', 'r.false_result > m.c'],
      ]),
      { closes: { r: [['true_result']] } },
    );
    expect(run.paths).toEqual(['in', 'r', '-s', '-a', '-b', 'm']);
  });

  test('a node that two routers each spare runs only if something reaches it', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', r: 'ConditionalRouter', s: 'ConditionalRouter', ...steps('a', 'b', 'm') }, [
        ...[
          'in.message > r.input_text',
          'in.message > s.input_text',
          'r.true_result > a.a',
          'r.false_result > b.a',
        ],
        ...['s.true_result > b.b', 's.false_result > a.b', 'a.text > m.a', 'b.text > m.b'],
      ]),
      { closes: { r: [['true_result']], s: [['true_result']] } },
    );
    expect(run.paths).toContain('-m');
  });
});

describe('a cycle', () => {
  const cycle = testFlow({ in: 'ChatInput', ...steps('a', 'b'), r: 'ConditionalRouter', out: 'ChatOutput' }, [
    ...['in.message > a.a', 'a.text > b.a', 'b.text > r.input_text'],
    ...['r.false_result > a.b', 'r.true_result > out.input_value'],
  ]);

  test('goes round until its router leads out of it', () => {
    const run = testRun(cycle, { closes: { r: [['true_result'], ['true_result'], ['false_result']] } });
    expect(run.paths.filter((path) => !path.startsWith('-'))).toEqual([
      'in',
      'a',
      'b',
      'r',
      'a#2',
      'b#2',
      'r#2',
      'a#3',
      'b#3',
      'r#3',
      'out#3',
    ]);
    expect(run.paths.filter((path) => path.startsWith('-'))).toEqual(['-out', '-out#2']);
    expect(run.finish.results).toEqual({ out: 'out#3' });
  });

  test('gives the first visit no value from the way back, later ones the last', () => {
    const run = testRun(cycle, { closes: { r: [['true_result'], ['true_result'], ['false_result']] } });
    expect(inputs(run, 'a')).toEqual({ a: ['in.message'], b: [] });
    expect(inputs(run, 'a#2')).toEqual({ a: ['in.message'], b: ['r.false_result'] });
    expect(inputs(run, 'a#3')).toEqual({ a: ['in.message'], b: ['r#2.false_result'] });
    expect(run.starts.get('a#3')?.visit).toBe(3);
  });

  test('whose way back ends in a field that has a value from outside gives it the newer one', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', ...steps('a'), r: 'ConditionalRouter', out: 'ChatOutput' }, [
        ...[
          'r.false_result > a.a',
          'in.message > a.a',
          'a.text > r.input_text',
          'r.true_result > out.input_value',
        ],
      ]),
      { closes: { r: [['true_result'], ['false_result']] } },
    );
    expect(inputs(run, 'a')).toEqual({ a: ['in.message'] });
    expect(inputs(run, 'a#2')).toEqual({ a: ['r.false_result'] });
  });

  test('runs what hangs on it each time', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', ...steps('a', 'side'), r: 'ConditionalRouter', out: 'ChatOutput' }, [
        ...[
          'in.message > a.a',
          'a.text > r.input_text',
          'a.text > side.a',
          'r.false_result > a.b',
          'r.true_result > out.input_value',
        ],
      ]),
      { closes: { r: [['true_result'], ['false_result']] }, request: { outputType: 'debug' } },
    );
    expect(run.paths).toEqual(expect.arrayContaining(['side', 'side#2']));
    expect(run.finish.results).toEqual({ in: 'in', a: 'a#2', side: 'side#2', r: 'r#2', out: 'out#2' });
  });

  test('keeps a branch out until the router that closed it runs again', () => {
    // "gate" decides once, before the cycle; what it closed stays closed in every round.
    const run = testRun(
      testFlow(
        {
          in: 'ChatInput',
          gate: 'ConditionalRouter',
          ...steps('a', 'extra'),
          r: 'ConditionalRouter',
          out: 'ChatOutput',
        },
        [
          ...[
            'in.message > gate.input_text',
            'gate.true_result > extra.a',
            'gate.false_result > a.a',
            'a.text > extra.b',
          ],
          ...['a.text > r.input_text', 'r.false_result > a.b', 'r.true_result > out.input_value'],
        ],
      ),
      { closes: { gate: [['false_result'], ['true_result']], r: [['true_result'], ['false_result']] } },
    );
    expect(run.paths).toEqual(['in', 'gate', '-a', 'extra', '-r', '-out']);
    const other = testRun(
      testFlow(
        {
          in: 'ChatInput',
          gate: 'ConditionalRouter',
          ...steps('a', 'extra'),
          r: 'ConditionalRouter',
          out: 'ChatOutput',
        },
        [
          ...[
            'in.message > gate.input_text',
            'gate.true_result > extra.a',
            'in.message > a.a',
            'a.text > extra.b',
          ],
          ...['a.text > r.input_text', 'r.false_result > a.b', 'r.true_result > out.input_value'],
        ],
      ),
      { closes: { gate: [['true_result']], r: [['true_result'], ['false_result']] } },
    );
    expect(other.paths).toEqual(expect.arrayContaining(['-extra', '-extra#2']));
  });
});

describe('a loop', () => {
  const loop = testFlow({ in: 'ChatInput', l: 'LoopComponent', ...steps('a', 'b'), out: 'ChatOutput' }, [
    ...[
      'in.message > l.data',
      'l.item > a.a',
      'in.message > a.b',
      'a.text > b.a',
      'b.text > l.item',
      'l.done > out.input_value',
    ],
  ]);

  test('runs its body once per item, one after the other, then gathers the results in order', () => {
    const run = testRun(loop, { items: { l: 3 } });
    expect(run.paths).toEqual([
      'in',
      'l',
      'l[0]/a',
      'l[0]/b',
      'l[1]/a',
      'l[1]/b',
      'l[2]/a',
      'l[2]/b',
      'l[done]',
      'out',
    ]);
    expect(run.starts.get('l')).toMatchObject({ phase: 'open', outputs: ['item'] });
    expect(inputs(run, 'l')).toEqual({ data: ['in.message'] });
    expect(inputs(run, 'l[1]/a')).toEqual({ a: ['l.item@1'], b: ['in.message'] });
    expect(inputs(run, 'l[1]/b')).toEqual({ a: ['l[1]/a.text'] });
    expect(run.starts.get('l[done]')).toMatchObject({
      phase: 'close',
      nodeId: 'l',
      outputs: ['done'],
      gather: [0, 1, 2].map((index) => ({ path: `l[${index}]/b`, output: 'text' })),
    });
    expect(inputs(run, 'out')).toEqual({ input_value: ['l[done].done'] });
  });

  test('over nothing gathers nothing', () => {
    const run = testRun(loop, { items: { l: 0 } });
    expect(run.paths).toEqual(['in', 'l', 'l[done]', 'out']);
    expect(run.starts.get('l[done]')?.gather).toEqual([]);
  });

  test('in a loop runs anew for each item of the outer one', () => {
    const run = testRun(
      testFlow(
        { in: 'ChatInput', o: 'LoopComponent', i: 'LoopComponent', ...steps('c', 'd'), out: 'ChatOutput' },
        [
          ...['in.message > o.data', 'o.item > i.data', 'i.item > c.a', 'o.item > c.b', 'c.text > i.item'],
          ...['i.done > d.a', 'd.text > o.item', 'o.done > out.input_value'],
        ],
      ),
      { items: { o: 2, i: 2 } },
    );
    expect(run.paths).toEqual([
      ...['in', 'o', 'o[0]/i', 'o[0]/i[0]/c', 'o[0]/i[1]/c', 'o[0]/i[done]', 'o[0]/d'],
      ...['o[1]/i', 'o[1]/i[0]/c', 'o[1]/i[1]/c', 'o[1]/i[done]', 'o[1]/d', 'o[done]', 'out'],
    ]);
    expect(inputs(run, 'o[1]/i[0]/c')).toEqual({ a: ['o[1]/i.item@0'], b: ['o.item@1'] });
    expect(run.starts.get('o[1]/i[done]')?.gather).toEqual([
      { path: 'o[1]/i[0]/c', output: 'text' },
      { path: 'o[1]/i[1]/c', output: 'text' },
    ]);
  });

  test('waits for what its body takes from outside', () => {
    const run = testRun(
      testFlow(
        { in: 'ChatInput', l: 'LoopComponent', ...steps('slow', 'slower', 'a', 'x'), out: 'ChatOutput' },
        [
          ...['in.message > slow.a', 'slow.text > slower.a', 'slower.text > a.b', 'slower.text > x.a'],
          ...['in.message > l.data', 'l.item > a.a', 'a.text > l.item', 'l.done > out.input_value'],
        ],
      ),
    );
    expect(run.paths.indexOf('slower')).toBeLessThan(run.paths.indexOf('l'));
    expect(inputs(run, 'l[0]/a')).toEqual({ b: ['slower.text'], a: ['l.item@0'] });
  });

  test('that a router keeps out takes its body and all after it along', () => {
    const run = testRun(
      testFlow(
        { in: 'ChatInput', r: 'ConditionalRouter', l: 'LoopComponent', ...steps('a'), out: 'ChatOutput' },
        [
          ...[
            'in.message > r.input_text',
            'r.true_result > l.data',
            'l.item > a.a',
            'a.text > l.item',
            'l.done > out.input_value',
          ],
        ],
      ),
      { closes: { r: [['true_result']] } },
    );
    expect(run.paths).toEqual(['in', 'r', '-l', '-out']);
  });

  test('with a router in its body gathers only what reached its end', () => {
    const run = testRun(
      testFlow(
        {
          in: 'ChatInput',
          l: 'LoopComponent',
          r: 'ConditionalRouter',
          ...steps('a', 'b'),
          out: 'ChatOutput',
        },
        [
          ...[
            'in.message > l.data',
            'l.item > r.other',
            'r.true_result > a.a',
            'r.false_result > b.a',
            'a.text > l.item',
            'l.done > out.input_value',
          ],
        ],
      ),
      { items: { l: 2 }, closes: { r: [['true_result']] } },
    );
    expect(run.paths).toEqual([
      'in',
      'l',
      'l[0]/r',
      '-l[0]/a',
      'l[0]/b',
      'l[1]/r',
      '-l[1]/a',
      'l[1]/b',
      'l[done]',
      'out',
    ]);
    expect(run.starts.get('l[done]')?.gather).toEqual([]);
  });

  test('with a cycle in its body starts it fresh for each item', () => {
    const run = testRun(
      testFlow(
        {
          in: 'ChatInput',
          l: 'LoopComponent',
          ...steps('a'),
          r: 'ConditionalRouter',
          ...steps('b'),
          out: 'ChatOutput',
        },
        [
          ...['in.message > l.data', 'l.item > a.a', 'a.text > r.input_text', 'r.false_result > a.b'],
          ...['r.true_result > b.a', 'b.text > l.item', 'l.done > out.input_value'],
        ],
      ),
      { items: { l: 2 }, closes: { r: [['true_result'], ['false_result']] } },
    );
    expect(run.paths.filter((path) => path.startsWith('l[1]'))).toEqual([
      'l[1]/a',
      'l[1]/r',
      'l[1]/a#2',
      'l[1]/r#2',
      'l[1]/b#2',
    ]);
    expect(run.starts.get('l[done]')?.gather).toEqual([
      { path: 'l[0]/b#2', output: 'text' },
      { path: 'l[1]/b#2', output: 'text' },
    ]);
  });

  test('in a cycle iterates anew on each visit', () => {
    const run = testRun(
      testFlow(
        {
          in: 'ChatInput',
          ...steps('a'),
          l: 'LoopComponent',
          ...steps('b'),
          r: 'ConditionalRouter',
          out: 'ChatOutput',
        },
        [
          ...['in.message > a.a', 'a.text > l.data', 'l.item > b.a', 'b.text > l.item', 'l.done > r.other'],
          ...['r.false_result > a.b', 'r.true_result > out.input_value'],
        ],
      ),
      { items: { l: 1 }, closes: { r: [['true_result'], ['false_result']] } },
    );
    expect(run.paths).toEqual(
      expect.arrayContaining(['l', 'l[0]/b', 'l[done]', 'l#2', 'l#2[0]/b', 'l#2[done]', 'r#2', 'out#2']),
    );
    expect(inputs(run, 'r#2')).toMatchObject({ other: ['l#2[done].done'] });
  });

  test('fails the run with the first iteration that fails', () => {
    expect(testRun(loop, { fails: ['l[1]/a'] }).finish).toMatchObject({
      status: 'failed',
      failedPath: 'l[1]/a',
    });
  });

  test('without a body gathers nothing', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', l: 'LoopComponent', out: 'ChatOutput' }, [
        'in.message > l.data',
        'l.done > out.input_value',
      ]),
    );
    expect(run.paths).toEqual(['in', 'l', 'l[done]', 'out']);
  });

  test('answers with the last iteration of an output inside of it', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', l: 'LoopComponent', ...steps('a'), out: 'ChatOutput' }, [
        ...['in.message > l.data', 'l.item > a.a', 'a.text > l.item', 'a.text > out.input_value'],
      ]),
    );
    expect(run.finish.results).toEqual({ out: 'l[1]/out' });
  });

  test('of 20,000 items overflows nothing', () => {
    expect(testRun(loop, { items: { l: 20_000 } }).paths).toHaveLength(40_004);
  });
});

test('a path holds the groups around a node', () => {
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
      ...[
        'in.message > x.a',
        'x.text > l.data',
        'l.item > a.a',
        'a.text > l.item',
        'l.done > r.other',
        'r.false_result > x.b',
        'r.true_result > out.input_value',
      ],
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
      ...[
        'in.message > a.a',
        'in.message > b.a',
        'in.message > c.a',
        'a.text > r.input_text',
        'b.text > s.input_text',
      ],
      ...[
        'r.true_result > d.a',
        'r.false_result > e.a',
        's.true_result > d.b',
        's.false_result > a.b',
        'd.text > m.a',
        'e.text > m.b',
      ],
      ...['c.text > n.a', 'm.text > n.b', 'n.text > out.input_value'],
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

test('an event costs what its node has edges, not what the flow has nodes', () => {
  const timeOf = (count: number): number => {
    const ids = Array.from({ length: count }, (_unused, index) => `s${index}`);
    const plan = compileFlow(
      testFlow(
        steps(...ids),
        ids.slice(1).map((id, index) => `s${index}.text > ${id}.a`),
      ),
      testCatalogue,
    );
    const scope = testScope(plan);
    const began = performance.now();
    expect(walkPlan(plan, scope).paths).toHaveLength(count);
    return (performance.now() - began) / count;
  };
  timeOf(2_000);
  expect(timeOf(20_000)).toBeLessThan(5 * timeOf(2_000) + 0.02);
});
