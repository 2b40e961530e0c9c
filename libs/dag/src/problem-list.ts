import type { Problem } from './problem.js';
import { shortMasked } from './secret/short-masked.js';
import { shortText } from './short-text.js';

/** How many problems are listed; the others are counted. */
const MOST_PROBLEMS = 100;
const MOST_CHARACTERS = 1_000;
/** How many node ids one problem may name, and how many characters they may have. */
const MOST_NODES = 1_000;
const MOST_ID_CHARACTERS = 20_000;

/** How many problems a problem represents that was made because a list was full. */
const leftOut = new WeakMap<Problem, number>();

/**
 * Problems of a flow or a request, limited in number and size: a file of 20 MB can have millions of them. Blocking ones
 * are kept before warnings. Those that are left out become one more problem at the end; if a blocking one is among
 * them, that problem concerns the whole flow.
 */
export class ProblemList {
  readonly #kept: Problem[] = [];
  #blocking = 0;
  #leftOut = 0;
  #leftOutBlocking = 0;
  #sample: Problem | undefined;

  add(problem: Problem): void {
    const count = leftOut.get(problem);
    if (count !== undefined) return this.#leaveOut(problem, count);
    const isBlocking = problem.severity === 'blocking';
    if (this.#kept.length < MOST_PROBLEMS) this.#kept.push(shortProblem(problem));
    else if (!isBlocking || this.#blocking === MOST_PROBLEMS) return this.#leaveOut(problem, 1);
    else {
      const last = this.#kept.findLastIndex(({ severity }) => severity === 'warning');
      const [warning] = this.#kept.splice(last, 1);
      this.#leaveOut(warning as Problem, 1);
      this.#kept.push(shortProblem(problem));
    }
    if (isBlocking) this.#blocking++;
  }

  addAll(problems: Iterable<Problem>): void {
    for (const problem of problems) this.add(problem);
  }

  toArray(): Problem[] {
    if (this.#sample === undefined) return [...this.#kept];
    const rest: Problem = {
      code: this.#sample.code,
      severity: this.#leftOutBlocking > 0 ? 'blocking' : 'warning',
      message: `There are ${this.#leftOut} more problems, which are not listed.`,
      remedy: 'Correct the ones that are listed, and check again.',
      nodes: [],
    };
    leftOut.set(rest, this.#leftOut);
    return [...this.#kept, rest];
  }

  #leaveOut(problem: Problem, count: number): void {
    this.#leftOut += count;
    if (problem.severity === 'blocking') {
      // The problem that counts the others must have a code that blocks.
      if (this.#leftOutBlocking === 0) this.#sample = problem;
      this.#leftOutBlocking += count;
    }
    this.#sample ??= problem;
  }
}

/**
 * The flow's author chose its names, and some contain a key. Ids are useful only if they are whole; where they are too
 * many or too long, the problem concerns the whole flow.
 */
function shortProblem(problem: Problem): Problem {
  const { nodes, message, remedy, nodeType, field } = problem;
  const characters = nodes.length > MOST_NODES ? Infinity : nodes.reduce((sum, id) => sum + id.length, 0);
  return {
    ...problem,
    message: shortMasked(message, MOST_CHARACTERS),
    remedy: shortMasked(remedy, MOST_CHARACTERS),
    nodes: characters > MOST_ID_CHARACTERS ? [] : nodes,
    ...(nodeType !== undefined && { nodeType: shortText(nodeType, MOST_CHARACTERS) }),
    ...(field !== undefined && { field: shortText(field, MOST_CHARACTERS) }),
  };
}
