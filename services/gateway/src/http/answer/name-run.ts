import { extendContext } from '@causeway/platform';
import type { Call } from '../door/call.js';

/** Adds the run's id to the answer and to every error that follows. */
export function nameRun(call: Call, runId: string): void {
  extendContext({ runId });
  call.reply.header('x-causeway-run-id', runId);
}
