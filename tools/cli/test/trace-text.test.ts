import { describe, expect, it } from 'vitest';
import { seconds, traceTree } from '../src/commands/trace-text.js';
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

it('shows that a model stopped at its length limit', () => {
  const step = traceStep('Model-1/1', 5, { outputs: { text: 'abc', finishReason: 'length' } });
  expect(traceTree(traceRun([step]))).toContain('stopped for length');
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

describe('seconds', () => {
  it('chooses its unit', () => {
    expect([
      seconds(run.submittedAt, run.submittedAt),
      seconds(run.submittedAt, run.finishedAt as string),
    ]).toEqual(['0 ms', '1.5 s']);
  });
});
