/** A step as the API shows it, with the members that a trace needs. */
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
  /** The result of a node, or the answer of a model. */
  readonly outputs?: unknown;
  readonly error: { readonly message: string } | null;
  readonly possiblyPaidTwice: boolean;
}

/** A run as the API shows it, with the members that a trace needs. */
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

/** The meaning of the signs that do not explain themselves. */
const meanings = [
  ['–', 'skipped'],
  ['…', 'running'],
  ['?', 'not known whether it ended'],
] as const;

/**
 * The steps of a run as a tree: calls inside a node are below it, iterations below their loop.
 *
 * @param flowName  of the flow that ran, when it is known
 */
export function traceTree(run: TraceRun, flowName?: string): string {
  const steps = inOrder(run.steps);
  const lines = steps.map((step) => {
    const depth = steps.filter((other) => isBelow(step.path, other.path)).length;
    const facts = [
      duration(step),
      tokens(step),
      step.model,
      step.attempts > 1 ? `${step.attempts} attempts` : '',
    ];
    facts.push(...cutFact(step));
    if (step.possiblyPaidTwice) facts.push('possibly paid twice');
    const problem = step.error && !isToldBelow(step, steps) ? oneLine(step.error.message) : '';
    const error = problem === '' ? '' : `\n${'  '.repeat(depth + 2)}${problem}`;
    return `${'  '.repeat(depth + 1)}${marks[step.status] ?? '?'} ${step.nodeName}  ${step.path}  ${facts.filter(Boolean).join(', ')}${error}`;
  });
  const took = run.finishedAt === null ? '' : `, ${seconds(run.submittedAt, run.finishedAt)}`;
  const what = `run ${run.id}${flowName === undefined ? '' : ` of ${flowName}`}`;
  const head = `${what}: ${run.status}${took}${run.epoch > 1 ? `, claimed ${run.epoch} times` : ''}`;
  const signs = new Set(steps.map(({ status }) => marks[status] ?? '?'));
  const legend = meanings.filter(([sign]) => signs.has(sign)).map(([sign, meaning]) => `${sign} ${meaning}`);
  if (legend.length > 0) lines.push(`  (${legend.join(', ')})`);
  const outcome = run.error ? oneLine(run.error.message) : '';
  const isTold = steps.some(({ error }) => error && outcome.endsWith(oneLine(error.message)));
  if (outcome !== '' && !isTold) lines.push(`  ${outcome}`);
  return [head, ...lines].join('\n');
}

/** An error in one line; Langflow puts line breaks into its errors. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Whether a step below this one failed with the same error, so that it is shown there. */
function isToldBelow(step: TraceStep, steps: readonly TraceStep[]): boolean {
  return steps.some(
    ({ path, error }) => error && isBelow(path, step.path) && step.error?.message.endsWith(error.message),
  );
}

/** Time between two instants: `12 ms`, `3.4 s`. */
export function seconds(from: string, to: string): string {
  const ms = Math.max(0, Date.parse(to) - Date.parse(from));
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** The time when a step began, or was skipped. Steps that never began come last. */
export function began(step: TraceStep): string {
  return step.startedAt ?? step.finishedAt ?? '9';
}

/**
 * Steps in the order in which they began, each before the steps below it. Times are whole milliseconds: of two steps that began in the
 * same one, the one that ended first comes first.
 */
export function inOrder(steps: readonly TraceStep[]): TraceStep[] {
  const lines = new Map(
    steps.map((step) => {
      const above = steps.filter((other) => isBelow(step.path, other.path));
      return [step, [...above.toSorted((a, b) => a.path.length - b.path.length), step]];
    }),
  );
  return steps.toSorted((a, b) => compareLines(lines.get(a) ?? [], lines.get(b) ?? []));
}

function compareLines(a: readonly TraceStep[], b: readonly TraceStep[]): number {
  const at = a.findIndex((step, index) => step !== b[index]);
  const [one, other] = [a[at], b[at]];
  if (!one || !other) return a.length - b.length;
  return (
    began(one).localeCompare(began(other)) ||
    (one.finishedAt ?? '9').localeCompare(other.finishedAt ?? '9') ||
    one.path.localeCompare(other.path, 'en', { numeric: true })
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

/** The tokens of a step; empty when it used none. */
export function tokens(step: TraceStep): string {
  return step.tokens ? `${step.tokens.input}+${step.tokens.output} tokens` : '';
}

/** Why the answer of a model may be incomplete. */
function cutFact({ outputs }: TraceStep): string[] {
  if (typeof outputs !== 'object' || outputs === null || !('finishReason' in outputs)) return [];
  if (outputs.finishReason === 'length') return ['stopped for length'];
  return outputs.finishReason === 'content_filter' ? ['stopped by a content filter'] : [];
}
