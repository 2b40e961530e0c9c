import type { beginRun, decide } from '../decide/decide.js';

/** The reducer under test; a test of the simulator itself replaces it by a broken one. */
export interface Reducer {
  readonly beginRun: typeof beginRun;
  readonly decide: typeof decide;
}
