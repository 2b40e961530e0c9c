/** A step as the API shows it, as far as a trace needs it. */
export interface TraceStep {
  readonly path: string;
  readonly nodeType: string;
  readonly nodeName: string;
  readonly status: string;
  readonly attempts: number;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly tokens: { readonly input: number; readonly output: number } | null;
  readonly model: string | null;
  readonly error: { readonly message: string } | null;
  readonly possiblyPaidTwice: boolean;
}

/** A run as the API shows it, as far as a trace needs it. */
export interface TraceRun {
  readonly id: string;
  readonly status: string;
  readonly submittedAt: string;
  readonly finishedAt: string | null;
  readonly epoch: number;
  readonly error: { readonly message: string } | null;
  readonly steps: readonly TraceStep[];
}

const marks: Readonly<Record<string, string>> = {
  succeeded: '✓',
  failed: '✗',
  skipped: '–',
  running: '…',
  unknown: '?',
};

/** The path a run took, as a tree: calls inside a node stand below it, iterations below their loop. */
export function traceTree(run: TraceRun): string {
  const steps = inOrder(run.steps);
  const lines = steps.map((step) => {
    const depth = steps.filter((other) => isBelow(step.path, other.path)).length;
    const facts = [
      duration(step),
      tokens(step),
      step.model,
      step.attempts > 1 ? `${step.attempts} attempts` : '',
    ];
    if (step.possiblyPaidTwice) facts.push('possibly paid twice');
    const error = step.error ? `\n${'  '.repeat(depth + 2)}${step.error.message}` : '';
    return `${'  '.repeat(depth + 1)}${marks[step.status] ?? '?'} ${step.nodeName}  ${step.path}  ${facts.filter(Boolean).join(', ')}${error}`;
  });
  const took = run.finishedAt === null ? '' : `, ${seconds(run.submittedAt, run.finishedAt)}`;
  const head = `run ${run.id}: ${run.status}${took}${run.epoch > 1 ? `, claimed ${run.epoch} times` : ''}`;
  return [head, ...lines, ...(run.error ? [`  ${run.error.message}`] : [])].join('\n');
}

/** The path a run took, as a Mermaid flowchart: one box per step, in the order in which they began. */
export function traceMermaid(run: TraceRun): string {
  const steps = inOrder(run.steps);
  const boxes = steps.map((step, index) => {
    const facts = [duration(step), tokens(step)].filter(Boolean).join(', ');
    return `  s${index}["${escape(`${step.nodeName} ${marks[step.status] ?? '?'}`)}<br/>${escape(step.path)}<br/>${escape(facts)}"]:::${step.status}`;
  });
  const arrows = steps.flatMap((step, index) => {
    const parent = steps.findLastIndex((other) => isBelow(step.path, other.path));
    if (parent >= 0) return [`  s${parent} -.-> s${index}`];
    const before = steps
      .slice(0, index)
      .findLastIndex((other) => !steps.some((outer) => isBelow(other.path, outer.path)));
    return before >= 0 ? [`  s${before} --> s${index}`] : [];
  });
  const colours = [
    '  classDef failed stroke:#c00',
    '  classDef skipped stroke-dasharray:4',
    '  classDef succeeded stroke:#080',
  ];
  return ['flowchart TD', ...boxes, ...arrows, ...colours].join('\n');
}

/** Time between two instants: `12 ms`, `3.4 s`. */
export function seconds(from: string, to: string): string {
  const ms = Math.max(0, Date.parse(to) - Date.parse(from));
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function inOrder(steps: readonly TraceStep[]): TraceStep[] {
  const start = (step: TraceStep): string => step.startedAt ?? step.finishedAt ?? '9';
  return [...steps].sort(
    (a, b) => start(a).localeCompare(start(b)) || a.path.localeCompare(b.path, 'en', { numeric: true }),
  );
}

function isBelow(path: string, parent: string): boolean {
  return path !== parent && (path.startsWith(`${parent}/`) || path.startsWith(`${parent}[`));
}

function duration(step: TraceStep): string {
  return step.startedAt !== null && step.finishedAt !== null ? seconds(step.startedAt, step.finishedAt) : '';
}

function tokens(step: TraceStep): string {
  return step.tokens ? `${step.tokens.input}+${step.tokens.output} tokens` : '';
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `#${sign.charCodeAt(0)};`);
}
