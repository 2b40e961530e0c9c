import type { ReadyMessage } from '@causeway/platform';

/** A supervisor's message to a runner. `ask`: report that the main loop responds; `look`: there may be runs to take over. */
export type ToRunner =
  | { readonly type: 'ask' }
  | { readonly type: 'look' }
  | { readonly type: 'become'; readonly kind: 'shared' | 'standby' };

/** A runner's message to its supervisor: that it is ready, or the answer to an `ask`. */
export type FromRunner =
  | ReadyMessage
  | {
      readonly type: 'alive';
      /** How many runs it executes. */
      readonly runs: number;
      /** It takes no new runs, because it was asked to stop. */
      readonly isEnding: boolean;
    };
