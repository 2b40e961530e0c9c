import { parsePath } from '@causeway/dag';
import { began, duration, inOrder, isBelow, marks, tokens } from './trace-text.js';
import type { TraceRun, TraceStep } from './trace-text.js';

/** An edge of the flow: one node receives another node's output. */
export interface TraceEdge {
  readonly source: string;
  readonly target: string;
}

/** Most boxes of a chart; larger charts cannot be read, and few viewers draw them. */
const MOST_BOXES = 300;

/**
 * The steps of a run as a Mermaid flowchart: one box per step, arrows along the flow's edges, dotted arrows to the calls inside a
 * node.
 *
 * @param edges  of the version that was executed; without them the arrows show the order in which steps began
 */
export function traceMermaid(run: TraceRun, edges?: readonly TraceEdge[]): string {
  const all = inOrder(run.steps);
  const steps = all.slice(0, MOST_BOXES);
  const boxes = steps.map((step, at) => `  s${at}[${label(step)}]:::${step.status}`);
  if (all.length > steps.length) boxes.push(`  more["… and ${all.length - steps.length} more steps"]`);
  const arrows = steps.flatMap((step, at) => {
    const parent = steps.findLastIndex((other) => isCallOf(step, other));
    if (parent >= 0) return [`  s${parent} -.-> s${at}`];
    const before = edges ? along(edges, steps, at) : [at - 1].filter((previous) => previous >= 0);
    return before.map((previous) => `  s${previous} --> s${at}`);
  });
  const colours = [
    '  classDef failed stroke:#c00',
    '  classDef skipped stroke-dasharray:4',
    '  classDef succeeded stroke:#080',
  ];
  return ['flowchart TD', ...boxes, ...arrows, ...colours].join('\n');
}

/** The positions of the steps whose results step `at` received. */
function along(edges: readonly TraceEdge[], steps: readonly TraceStep[], at: number): number[] {
  const { nodeId, path } = steps[at] as TraceStep;
  const { iterations, done } = parsePath(path);
  const sources = new Set(edges.filter(({ target }) => target === nodeId).map(({ source }) => source));
  return [...sources].flatMap((source) => {
    const ofSource = steps.flatMap((step, index) =>
      step.nodeId === source && index !== at && !steps.some((other) => isCallOf(step, other)) ? [index] : [],
    );
    const depthOf = (index: number): number => parsePath(steps[index]?.path ?? '').iterations.length;
    // The closing step of a loop receives the results of all its iterations.
    if (done) return ofSource.filter((index) => depthOf(index) > iterations.length);
    const around = ofSource.filter((index) => path.startsWith(iterationOf(steps[index]?.path ?? '')));
    const deepest = Math.max(...around.map(depthOf));
    const near = around.filter((index) => depthOf(index) === deepest);
    // The order of steps within one millisecond is not known.
    const last =
      near.findLast((index) => index < at) ??
      near.find((index) => began(steps[index] as TraceStep) === began(steps[at] as TraceStep));
    return last === undefined ? [] : [last];
  });
}

/** A call inside a node begins with the node's path, and belongs to the same node. */
function isCallOf(step: TraceStep, other: TraceStep): boolean {
  return (
    step.nodeId === other.nodeId && isBelow(step.path, other.path) && step.path.startsWith(`${other.path}/`)
  );
}

/** The iteration of a path: `Loop[3]/`, or an empty text. */
function iterationOf(path: string): string {
  return /^.*\[\d+\]\//s.exec(path)?.[0] ?? '';
}

function label(step: TraceStep): string {
  const facts = [duration(step), tokens(step)].filter(Boolean).join(', ');
  const lines = [`${step.nodeName} ${marks[step.status] ?? '?'}`, step.path, facts].filter(Boolean);
  return `"${lines.map(escape).join('<br/>')}"`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `#${sign.charCodeAt(0)};`);
}
