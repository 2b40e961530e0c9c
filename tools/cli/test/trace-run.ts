import type { TraceRun, TraceStep } from '../src/commands/trace/trace-text.js';

/** A step of a run; the node's id is the last part of its path unless given. */
export function traceStep(path: string, startMs: number, over: Partial<TraceStep> = {}): TraceStep {
  const at = (ms: number): string => new Date(ms).toISOString();
  return {
    path,
    nodeId: /([^/]+?)(#\d+)?(\/\d+|\[done\])?$/.exec(path)?.[1] ?? path,
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

/** A run of these steps that took 1.5 s. */
export function traceRun(steps: readonly TraceStep[]): TraceRun {
  return {
    id: 'r',
    flowId: 'f',
    versionHash: 'v',
    status: 'succeeded',
    submittedAt: new Date(0).toISOString(),
    finishedAt: new Date(1500).toISOString(),
    epoch: 2,
    error: null,
    steps,
  };
}
