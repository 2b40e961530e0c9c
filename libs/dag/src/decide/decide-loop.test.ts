import { describe, expect, test } from 'vitest';
import { testFlow } from '../testing/test-flow.js';
import { inputsOf as inputs, steps, testRun } from '../testing/test-run.js';

describe('a loop', () => {
  const loop = testFlow({ in: 'ChatInput', l: 'LoopComponent', ...steps('a', 'b'), out: 'ChatOutput' }, [
    'in.message > l.data; l.item > a.a; in.message > a.b; a.text > b.a; b.text > l.item',
    'l.done > out.input_value',
  ]);

  test('runs its body once per item, one after the other, then collects the results in order', () => {
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

  test('over an empty list collects nothing', () => {
    const run = testRun(loop, { items: { l: 0 } });
    expect(run.paths).toEqual(['in', 'l', 'l[done]', 'out']);
    expect(run.starts.get('l[done]')?.gather).toEqual([]);
  });

  test('in a loop runs again for each item of the outer one', () => {
    const run = testRun(
      testFlow(
        { in: 'ChatInput', o: 'LoopComponent', i: 'LoopComponent', ...steps('c', 'd'), out: 'ChatOutput' },
        [
          'in.message > o.data; o.item > i.data; i.item > c.a; o.item > c.b; c.text > i.item',
          'i.done > d.a; d.text > o.item; o.done > out.input_value',
        ],
      ),
      { items: { o: 2, i: 2 } },
    );
    expect(run.paths).toEqual([
      'in',
      'o',
      'o[0]/i',
      'o[0]/i[0]/c',
      'o[0]/i[1]/c',
      'o[0]/i[done]',
      'o[0]/d',
      'o[1]/i',
      'o[1]/i[0]/c',
      'o[1]/i[1]/c',
      'o[1]/i[done]',
      'o[1]/d',
      'o[done]',
      'out',
    ]);
    expect(inputs(run, 'o[1]/i[0]/c')).toEqual({ a: ['o[1]/i.item@0'], b: ['o.item@1'] });
    expect(run.starts.get('o[1]/i[done]')?.gather).toEqual([
      { path: 'o[1]/i[0]/c', output: 'text' },
      { path: 'o[1]/i[1]/c', output: 'text' },
    ]);
  });

  test('waits for the inputs of its body from outside', () => {
    const run = testRun(
      testFlow(
        { in: 'ChatInput', l: 'LoopComponent', ...steps('slow', 'slower', 'a', 'x'), out: 'ChatOutput' },
        [
          'in.message > slow.a; slow.text > slower.a; slower.text > a.b; slower.text > x.a',
          'in.message > l.data; l.item > a.a; a.text > l.item; l.done > out.input_value',
        ],
      ),
    );
    expect(run.paths.indexOf('slower')).toBeLessThan(run.paths.indexOf('l'));
    expect(inputs(run, 'l[0]/a')).toEqual({ b: ['slower.text'], a: ['l.item@0'] });
  });

  test('that a router excludes is skipped with its body and everything after it', () => {
    const run = testRun(
      testFlow(
        { in: 'ChatInput', r: 'ConditionalRouter', l: 'LoopComponent', ...steps('a'), out: 'ChatOutput' },
        [
          'in.message > r.input_text; r.true_result > l.data; l.item > a.a; a.text > l.item',
          'l.done > out.input_value',
        ],
      ),
      { closes: { r: [['true_result']] } },
    );
    expect(run.paths).toEqual(['in', 'r', '-l', '-out']);
  });

  test('with a router in its body collects only the results that reach the end', () => {
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
          'in.message > l.data; l.item > r.other; r.true_result > a.a; r.false_result > b.a',
          'a.text > l.item; l.done > out.input_value',
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

  test('with a cycle in its body starts the cycle anew for each item', () => {
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
          'in.message > l.data; l.item > a.a; a.text > r.input_text; r.false_result > a.b',
          'r.true_result > b.a; b.text > l.item; l.done > out.input_value',
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
          'in.message > a.a; a.text > l.data; l.item > b.a; b.text > l.item; l.done > r.other',
          'r.false_result > a.b; r.true_result > out.input_value',
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

  test('without a body collects nothing', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', l: 'LoopComponent', out: 'ChatOutput' }, [
        'in.message > l.data',
        'l.done > out.input_value',
      ]),
    );
    expect(run.paths).toEqual(['in', 'l', 'l[done]', 'out']);
  });

  test('answers with the last iteration of an output node in its body', () => {
    const run = testRun(
      testFlow({ in: 'ChatInput', l: 'LoopComponent', ...steps('a'), out: 'ChatOutput' }, [
        'in.message > l.data; l.item > a.a; a.text > l.item; a.text > out.input_value',
      ]),
    );
    expect(run.finish.results).toEqual({ out: 'l[1]/out' });
  });

  test('of 20,000 items does not overflow the stack', () => {
    expect(testRun(loop, { items: { l: 20_000 } }).paths).toHaveLength(40_004);
  });
});
