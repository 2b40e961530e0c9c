import type { Step } from './step.js';

/** What to do so that an organisation is as its file says. */
export interface Plan {
  readonly steps: readonly Step[];
  /** What the file names and cannot be given yet: people who were never here. */
  readonly waiting: readonly string[];
  /** What is there and not in the file, and stays. */
  readonly kept: readonly string[];
}

/** How a plan is made. */
export interface PlanOptions {
  /** Whether what is not in the file is removed, in the sections that the file has. */
  readonly prune: boolean;
  /** Whether the secrets of connections are sent although there are some: nobody can read which ones. */
  readonly secrets: boolean;
}

/** What the parts of a plan add to. */
export interface Draft {
  readonly steps: Step[];
  readonly waiting: string[];
  readonly kept: string[];
  readonly problems: string[];
}
