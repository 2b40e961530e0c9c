import { describe, expect, test } from 'vitest';
import { maxVisits } from '../run.js';
import { testFlow } from '../testing/test-flow.js';
import { inputsOf as inputs, steps, testRun } from '../testing/test-run.js';

describe('a router', () => {
  const merge = testFlow(
    { in: 'ChatInput', r: 'ConditionalRouter', ...steps('yes', 'no', 'm'), out: 'ChatOutput' },
    [
      'in.message > r.input_text; r.true_result > yes.a; r.false_result > no.a',
      'yes.text > m.a; no.text > m.b; yes.text > m.all; no.text > m.all',
      'm.text > out.input_value',
    ],
  );

  test('skips what only its closed output leads to; a merge runs with the open branch', () => {
    const run = testRun(merge, { closes: { r: [['false_result']] } });
    expect(run.paths).toEqual(['in', 'r', 'yes', '-no', 'm', 'out']);
    expect(inputs(run, 'm')).toEqual({ a: ['yes.text'], b: [], all: ['yes.text'] });
  });

  test('that closes everything ends the run without an answer', () => {
    const run = testRun(merge, { closes: { r: [['true_result', 'false_result']] } });
    expect(run.paths).toEqual(['in', 'r', '-yes', '-no', '-m', '-out']);
    expect(run.finish).toEqual({ type: 'finish', status: 'succeeded', results: {} });
  });

  test('excludes a node although another of its inputs has a value', () => {
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
          'in.message > r.input_text; r.true_result > m.input_value; p.prompt > m.system_message',
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
        'in.message > r.input_text; r.true_result > out.input_value',
        'r.false_result > out.input_value',
      ]),
      { closes: { r: [['false_result']] } },
    );
    expect(inputs(run, 'out')).toEqual({ input_value: ['r.true_result'] });
  });

  test('of several outputs closes several; what only closed outputs lead to is skipped', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', r: 'SmartRouter', ...steps('a', 'b', 'c', 'ab', 'bc') }, [
        'in.message > r.input_text; r.category_1_result > a.a; r.category_2_result > b.a',
        'r.category_3_result > c.a',
        'a.text > ab.a; b.text > ab.b; b.text > bc.a; c.text > bc.b',
      ]),
      { closes: { r: [['category_1_result', 'category_2_result']] } },
    );
    expect([...run.paths].sort()).toEqual(['-a', '-ab', '-b', 'bc', 'c', 'in', 'r']);
  });

  test('behind a skipped router decides nothing', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', r: 'ConditionalRouter', s: 'ConditionalRouter', ...steps('a', 'b', 'm') }, [
        'in.message > r.input_text; r.true_result > s.input_text; s.true_result > a.a',
        's.false_result > b.a',
        'a.text > m.a; b.text > m.b; r.false_result > m.c',
      ]),
      { closes: { r: [['true_result']] } },
    );
    expect(run.paths).toEqual(['in', 'r', '-s', '-a', '-b', 'm']);
  });

  test('a node that neither of two routers excludes runs only if an open edge leads to it', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', r: 'ConditionalRouter', s: 'ConditionalRouter', ...steps('a', 'b', 'm') }, [
        'in.message > r.input_text; in.message > s.input_text; r.true_result > a.a',
        'r.false_result > b.a',
        's.true_result > b.b; s.false_result > a.b; a.text > m.a; b.text > m.b',
      ]),
      { closes: { r: [['true_result']], s: [['true_result']] } },
    );
    expect(run.paths).toContain('-m');
  });
});

describe('a cycle', () => {
  const cycle = testFlow({ in: 'ChatInput', ...steps('a', 'b'), r: 'ConditionalRouter', out: 'ChatOutput' }, [
    'in.message > a.a; a.text > b.a; b.text > r.input_text',
    'r.false_result > a.b; r.true_result > out.input_value',
  ]);

  test('repeats until its router leads out of it', () => {
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

  test('that is never left ends at the limit of visits, and the node is named', () => {
    const run = testRun(cycle, { closes: { r: [['true_result']] } });
    expect(run.paths.filter((path) => path.startsWith('a'))).toHaveLength(maxVisits);
    expect(run.finish).toEqual({
      type: 'finish',
      status: 'failed',
      failedPath: `a#${maxVisits + 1}`,
      overLimit: { nodeId: 'a', limit: maxVisits },
      results: {},
    });
  });

  test('gives the first visit no value from the feedback edge, later visits the newest one', () => {
    const run = testRun(cycle, { closes: { r: [['true_result'], ['true_result'], ['false_result']] } });
    expect(inputs(run, 'a')).toEqual({ a: ['in.message'], b: [] });
    expect(inputs(run, 'a#2')).toEqual({ a: ['in.message'], b: ['r.false_result'] });
    expect(inputs(run, 'a#3')).toEqual({ a: ['in.message'], b: ['r#2.false_result'] });
    expect(run.starts.get('a#3')?.visit).toBe(3);
  });

  test('whose feedback edge ends in a field with a value from outside gives it the newer value', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', ...steps('a'), r: 'ConditionalRouter', out: 'ChatOutput' }, [
        'r.false_result > a.a; in.message > a.a; a.text > r.input_text',
        'r.true_result > out.input_value',
      ]),
      { closes: { r: [['true_result'], ['false_result']] } },
    );
    expect(inputs(run, 'a')).toEqual({ a: ['in.message'] });
    expect(inputs(run, 'a#2')).toEqual({ a: ['r.false_result'] });
  });

  test('runs its side branches in each round', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', ...steps('a', 'side'), r: 'ConditionalRouter', out: 'ChatOutput' }, [
        'in.message > a.a; a.text > r.input_text; a.text > side.a; r.false_result > a.b',
        'r.true_result > out.input_value',
      ]),
      { closes: { r: [['true_result'], ['false_result']] }, request: { outputType: 'debug' } },
    );
    expect(run.paths).toEqual(expect.arrayContaining(['side', 'side#2']));
    expect(run.finish.results).toEqual({ in: 'in', a: 'a#2', side: 'side#2', r: 'r#2', out: 'out#2' });
  });

  test('excludes a branch until the router that closed it runs again', () => {
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
          'in.message > gate.input_text; gate.true_result > extra.a; gate.false_result > a.a',
          'a.text > extra.b',
          'a.text > r.input_text; r.false_result > a.b; r.true_result > out.input_value',
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
          'in.message > gate.input_text; gate.true_result > extra.a; in.message > a.a',
          'a.text > extra.b',
          'a.text > r.input_text; r.false_result > a.b; r.true_result > out.input_value',
        ],
      ),
      { closes: { gate: [['true_result']], r: [['true_result'], ['false_result']] } },
    );
    expect(other.paths).toEqual(expect.arrayContaining(['-extra', '-extra#2']));
  });

  test('is not repeated by a node that its router did not lead to', () => {
    // "b" also has an input from outside; when the cycle's router is skipped it must not repeat for ever.
    const run = testRun(
      testFlow(
        { in: 'ChatInput', gate: 'ConditionalRouter', ...steps('a'), r: 'ConditionalRouter', ...steps('b') },
        [
          'in.message > gate.input_text; gate.true_result > a.a; a.text > r.input_text; r.false_result > a.c',
          'in.message > b.c; gate.false_result > b.b; r.true_result > b.a; b.text > a.b',
        ],
      ),
      { closes: { gate: [['true_result']] } },
    );
    expect(run.paths).toEqual(['in', 'gate', '-a', '-r', 'b']);
  });
});
