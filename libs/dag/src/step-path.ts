/** One visit of a node: which node, in which groups and loop iterations, for which time. */
export interface StepPath {
  /** `Loop[3]/` for each loop around the node, outermost first. */
  readonly iterations: readonly { readonly loop: string; readonly index: number }[];
  /** Group ids and the node's own id joined by `/`, as in the plan. */
  readonly nodePath: string;
  /** 1 for the first visit, k in `node#k`. */
  readonly visit: number;
  /** The closing step of a Loop: `Loop[done]`. */
  readonly done: boolean;
}

export function pathOf(step: StepPath): string {
  return step.nodePath;
}

export function parsePath(path: string): StepPath {
  return { iterations: [], nodePath: path, visit: 1, done: false };
}
