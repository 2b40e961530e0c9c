import { extendContext } from '@causeway/platform';
import type { Call } from '../door/call.js';

/** Puts the run's id on the answer and on every error behind it. */
export function nameRun(call: Call, runId: string): void {
  extendContext({ runId });
  call.reply.header('x-causeway-run-id', runId);
}
