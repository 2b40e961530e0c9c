import { describe, expect, it } from 'vitest';
import { traceMermaid } from '../src/commands/trace/trace-mermaid.js';
import type { TraceEdge } from '../src/commands/trace/trace-mermaid.js';
import type { TraceStep } from '../src/commands/trace/trace-text.js';
import { traceRun, traceStep } from './trace-run.js';

/** The arrows of a chart, by the paths of the steps at their ends. */
function arrows(steps: readonly TraceStep[], edges?: readonly TraceEdge[]): string[] {
  const text = traceMermaid(traceRun(steps), edges);
  const paths = new Map(
    [...text.matchAll(/^ {2}(s\d+)\["[^<]*<br\/>([^<]*)</gm)].map(([, box, path]) => [box, path]),
  );
  return [...text.matchAll(/^ {2}(s\d+) (-->|-\.->) (s\d+)$/gm)].map(
    ([, from, arrow, to]) => `${paths.get(from)} ${arrow} ${paths.get(to)}`,
  );
}

const edge = (source: string, target: string): TraceEdge => ({ source, target });

describe('traceMermaid', () => {
  it('draws along the edges, in whatever order steps began', () => {
    const steps = [traceStep('b', 1), traceStep('a', 1), traceStep('out', 9), traceStep('in', 0)];
    expect(arrows(steps, [edge('in', 'a'), edge('in', 'b'), edge('a', 'out'), edge('b', 'out')])).toEqual([
      'in --> a',
      'in --> b',
      'a --> out',
      'b --> out',
    ]);
  });

  it('connects the calls of an agent to the agent', () => {
    const steps = [
      traceStep('Agent', 1),
      traceStep('Agent/1', 2),
      traceStep('Agent/2', 3),
      traceStep('out', 9),
    ];
    expect(arrows(steps, [edge('Agent', 'out')])).toEqual([
      'Agent -.-> Agent/1',
      'Agent -.-> Agent/2',
      'Agent --> out',
    ]);
  });

  it('follows each iteration of a loop, and its end', () => {
    const steps = [
      traceStep('rows', 0),
      traceStep('Loop', 1),
      ...[0, 1].flatMap((item) => [
        traceStep(`Loop[${item}]/parse`, 2 + item),
        traceStep(`Loop[${item}]/ask`, 4 + item),
      ]),
      traceStep('Loop[done]', 7),
      traceStep('out', 8),
    ];
    const edges = [
      edge('rows', 'Loop'),
      edge('Loop', 'parse'),
      edge('parse', 'ask'),
      edge('ask', 'Loop'),
      edge('Loop', 'out'),
    ];
    expect(arrows(steps, edges)).toEqual([
      'rows --> Loop',
      'Loop --> Loop[0]/parse',
      'Loop --> Loop[1]/parse',
      'Loop[0]/parse --> Loop[0]/ask',
      'Loop[1]/parse --> Loop[1]/ask',
      'Loop[0]/ask --> Loop[done]',
      'Loop[1]/ask --> Loop[done]',
      'Loop[done] --> out',
    ]);
  });

  it('follows each visit of a cycle', () => {
    const steps = [
      traceStep('in', 0),
      traceStep('check', 1),
      traceStep('again', 2),
      traceStep('check#2', 3),
      traceStep('out', 4),
    ];
    const edges = [edge('in', 'check'), edge('check', 'again'), edge('again', 'check'), edge('check', 'out')];
    expect(arrows(steps, edges)).toEqual([
      'in --> check',
      'check --> again',
      'in --> check#2',
      'again --> check#2',
      'check#2 --> out',
    ]);
  });

  it('shows the order of steps where the edges are not known', () => {
    expect(arrows([traceStep('b', 2), traceStep('a', 1)])).toEqual(['a --> b']);
  });

  it('stays valid with any names', () => {
    const text = traceMermaid(traceRun([traceStep('a', 1, { nodeName: 'x"]; evil <b>' })]));
    expect(text).not.toContain('"]; evil');
    expect(text.match(/:::succeeded/g)).toHaveLength(1);
  });

  it('shows how many steps it leaves out', () => {
    const steps = Array.from({ length: 301 }, (_, at) => traceStep(`n${at}`, at));
    expect(traceMermaid(traceRun(steps))).toContain('more["… and 1 more steps"]');
  });
});
