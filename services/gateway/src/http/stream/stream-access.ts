import { isUnreachable, permissionsOf } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { presentedKey } from '../../domain/presented-key.js';
import { Identity } from '../../operations/identity.js';
import { Refusals } from '../../operations/refusals.js';
import type { Call } from '../door/call.js';

/** Whether a caller may go on reading a stream that is open. */
@Injectable()
export class StreamAccess {
  constructor(
    private readonly identity: Identity,
    private readonly refusals: Refusals,
  ) {}

  /**
   * Why the stream of a run must end; undefined while it may go on. An end because the caller lost the right is written to the audit log.
   * While auth is unreachable, the last decision counts as long as for a new request; then the stream ends too, and can be opened again.
   */
  async findEnd(call: Call, runId: string): Promise<CausewayError | undefined> {
    const end = await this.identity.findRefusal(presentedKey(call.request), permissionsOf(call.route));
    if (end && !isUnreachable(end))
      this.refusals.note(end.code, {
        caller: call,
        userAgent: call.request.headers['user-agent'],
        object: { type: 'run', id: runId },
      });
    return end;
  }
}
