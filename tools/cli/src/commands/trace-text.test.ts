import { describe, expect, it } from 'vitest';
import { seconds, traceMermaid, traceTree } from './trace-text.js';
import type { TraceRun, TraceStep } from './trace-text.js';

function step(path: string, startMs: number, over: Partial<TraceStep> = {}): TraceStep {
  const at = (ms: number): string => new Date(ms).toISOString();
  return {
    path,
    nodeType: 'T',
    nodeName: `Node ${path}`,
    status: 'succeeded',
    attempts: 1,
    startedAt: at(startMs),
    finishedAt: at(startMs + 5),
    tokens: null,
    model: null,
    error: null,
    possiblyPaidTwice: false,
    ...over,
  };
}
const run: TraceRun = {
  id: 'r',
  status: 'succeeded',
  submittedAt: new Date(0).toISOString(),
  finishedAt: new Date(1500).toISOString(),
  epoch: 2,
  error: null,
  steps: [
    step('Agent-1/1', 30, { tokens: { input: 3, output: 4 }, model: 'scripted', possiblyPaidTwice: true }),
    step('Agent-1', 20),
    step('Loop-1', 1),
    step('Loop-1[0]/Parser-1', 2),
    step('Loop-1[10]/Parser-1', 9),
    step('Loop-1[2]/Parser-1', 9),
  ],
};

describe('traceTree', () => {
  it('puts steps in the order they began, calls and iterations below their node', () => {
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

describe('traceMermaid', () => {
  it('names each step once and cannot be broken by names', () => {
    const text = traceMermaid({ ...run, steps: [step('a', 1, { nodeName: 'x"]; evil <b>' }), step('b', 2)] });
    expect(text).toContain('s0 --> s1');
    expect(text).not.toContain('"]; evil');
    expect(text.match(/:::succeeded/g)).toHaveLength(2);
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
