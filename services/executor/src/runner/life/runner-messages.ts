import type { ReadyMessage } from '@causeway/platform';
import type { KeyAnswered, KeyAsked } from '../keys/key-messages.js';

/** A supervisor's message to a runner. `ask`: report that the main loop responds; `look`: there may be runs to take over; `key`: a key that it asked for. */
export type ToRunner =
  | KeyAnswered
  | { readonly type: 'ask' }
  | { readonly type: 'look' }
  | { readonly type: 'become'; readonly kind: 'shared' | 'standby' };

/** A runner's message to its supervisor: that it is ready, a question for a key, or the answer to an `ask`. */
export type FromRunner =
  | ReadyMessage
  | KeyAsked
  | {
      readonly type: 'alive';
      /** How many runs it executes. */
      readonly runs: number;
      /** It takes no new runs, because it was asked to stop. */
      readonly isEnding: boolean;
    };
