/** A step as the API shows it, as far as a trace needs it. */
export interface TraceStep {
  readonly path: string;
  readonly nodeId: string;
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
  readonly flowId: string;
  readonly versionHash: string;
  readonly status: string;
  readonly submittedAt: string;
  readonly finishedAt: string | null;
  readonly epoch: number;
  readonly error: { readonly message: string } | null;
  readonly steps: readonly TraceStep[];
}

/** One sign for each status. */
export const marks: Readonly<Record<string, string>> = {
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

/** Time between two instants: `12 ms`, `3.4 s`. */
export function seconds(from: string, to: string): string {
  const ms = Math.max(0, Date.parse(to) - Date.parse(from));
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** When a step began; a skipped one, when that was known. What never began comes last. */
export function began(step: TraceStep): string {
  return step.startedAt ?? step.finishedAt ?? '9';
}

/** Steps in the order in which they began. */
export function inOrder(steps: readonly TraceStep[]): TraceStep[] {
  return [...steps].sort(
    (a, b) => began(a).localeCompare(began(b)) || a.path.localeCompare(b.path, 'en', { numeric: true }),
  );
}

/** Whether a step is a call inside another one, or of an iteration of it. */
export function isBelow(path: string, parent: string): boolean {
  return path !== parent && (path.startsWith(`${parent}/`) || path.startsWith(`${parent}[`));
}

/** How long a step took; empty while it runs. */
export function duration(step: TraceStep): string {
  return step.startedAt !== null && step.finishedAt !== null ? seconds(step.startedAt, step.finishedAt) : '';
}

/** What a step cost; empty for nothing. */
export function tokens(step: TraceStep): string {
  return step.tokens ? `${step.tokens.input}+${step.tokens.output} tokens` : '';
}
