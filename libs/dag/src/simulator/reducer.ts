import type { beginRun, decide } from '../decide/decide.js';

/** The part of the engine under test; a test of the simulator itself puts a broken one in. */
export interface Reducer {
  readonly beginRun: typeof beginRun;
  readonly decide: typeof decide;
}
