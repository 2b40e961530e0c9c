import { describe, expect, it } from 'vitest';
import { seconds, traceTree } from '../src/commands/trace/trace-text.js';
import { traceRun, traceStep } from './trace-run.js';

const run = traceRun([
  traceStep('Agent-1/1', 30, {
    tokens: { input: 3, output: 4 },
    model: 'scripted',
    possiblyPaidTwice: true,
  }),
  traceStep('Agent-1', 20),
  traceStep('Loop-1', 1),
  traceStep('Loop-1[0]/Parser-1', 2),
  traceStep('Loop-1[10]/Parser-1', 9),
  traceStep('Loop-1[2]/Parser-1', 9),
]);

describe('traceTree', () => {
  it('names the flow that was executed', () => {
    expect(traceTree(run, 'Simple Agent')).toMatch(/^run r of Simple Agent: succeeded/);
  });

  it('shows steps in the order in which they began, calls and iterations below their node', () => {
    const lines = traceTree(run).split('\n');
    expect(lines[0]).toBe('run r: succeeded, 1.5 s, claimed 2 times');
    expect(lines.slice(1).map((line) => [/^ */.exec(line)?.[0].length, line.trim().split('  ')[1]])).toEqual([
      [2, 'Loop-1'],
      [4, 'Loop-1[0]/Parser-1'],
      [4, 'Loop-1[2]/Parser-1'],
      [4, 'Loop-1[10]/Parser-1'],
      [2, 'Agent-1'],
      [4, 'Agent-1/1'],
    ]);
    expect(lines.at(-1)).toContain('3+4 tokens, scripted, possibly paid twice');
  });
});

it.each([
  ['length', 'stopped for length'],
  ['content_filter', 'stopped by a content filter'],
])('shows that the answer of a model is cut because of %s', (finishReason, fact) => {
  const step = traceStep('Model-1/1', 5, { outputs: { text: 'abc', finishReason } });
  expect(traceTree(traceRun([step]))).toContain(fact);
});

it('shows a step after the one that led to it, even if both began in one millisecond', () => {
  const at = (ms: number): string => new Date(ms).toISOString();
  const steps = [
    traceStep('Model-1/1', 5, { finishedAt: at(8) }),
    traceStep('Model-1', 5, { finishedAt: at(9) }),
    traceStep('Prompt-2', 5, { finishedAt: at(5) }),
    traceStep('ChatOutput-3', 9),
  ];
  const paths = traceTree(traceRun(steps))
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split('  ')[1]);
  expect(paths).toEqual(['Prompt-2', 'Model-1', 'Model-1/1', 'ChatOutput-3']);
});

describe('a run that failed', () => {
  const error = { message: 'no file is chosen' };
  const failed = traceStep('Read-1', 5, { status: 'failed', error });

  it('tells its error once, in one line', () => {
    const told = { message: 'Error building component Read File: \n\nno file is chosen' };
    const text = traceTree({ ...traceRun([failed]), status: 'failed', error: told });
    expect(text.split('\n').slice(2)).toEqual(['    no file is chosen']);
    const other = traceTree({ ...traceRun([failed]), error: { message: 'the run\ntook too long' } });
    expect(other.split('\n').slice(2)).toEqual(['    no file is chosen', '  the run took too long']);
  });

  it('tells the error of a call inside a node at the call', () => {
    const call = traceStep('Read-1/1', 5, { status: 'failed', error });
    expect(traceTree(traceRun([failed, call])).match(/no file/g)).toHaveLength(1);
  });

  it('explains the signs of steps that did not end', () => {
    const steps = ['running', 'unknown', 'skipped'].map((status, at) => traceStep(`S-${at}`, at, { status }));
    expect(traceTree(traceRun(steps)).split('\n').at(-1)).toBe(
      '  (– skipped, … running, ? not known whether it ended)',
    );
    expect(traceTree(run)).not.toContain('(');
  });
});

describe('seconds', () => {
  it('chooses its unit', () => {
    expect([
      seconds(run.submittedAt, run.submittedAt),
      seconds(run.submittedAt, run.finishedAt as string),
    ]).toEqual(['0 ms', '1.5 s']);
  });
});
