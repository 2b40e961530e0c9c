import type { ReadyMessage } from '@causeway/platform';

/** What a supervisor says to a runner. `ask`: is your main loop alive; `look`: there may be runs to take over. */
export type ToRunner =
  | { readonly type: 'ask' }
  | { readonly type: 'look' }
  | { readonly type: 'become'; readonly kind: 'shared' | 'standby' };

/** What a runner says to its supervisor: that it is ready, and an answer to each `ask`. */
export type FromRunner =
  | ReadyMessage
  | {
      readonly type: 'alive';
      /** How many runs it executes. */
      readonly runs: number;
      /** It takes nothing new: somebody has told it to stop. */
      readonly isEnding: boolean;
    };
