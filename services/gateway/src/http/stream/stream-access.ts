import type { OwnedObject } from '@causeway/authz';
import { isUnreachable, permissionsOf } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { Identity } from '../../operations/identity.js';
import { Refusals } from '../../operations/refusals.js';
import type { Call } from '../door/call.js';
import { presentedCredential } from '../door/credential.js';

/** Whether a caller may go on reading a stream that is open. */
@Injectable()
export class StreamAccess {
  constructor(
    private readonly identity: Identity,
    private readonly refusals: Refusals,
  ) {}

  /**
   * Why a stream must end; undefined while it may go on. While auth is unreachable, the last decision counts as long as for a new request;
   * then the stream ends too, and can be opened again.
   */
  findEnd(call: Call, object: OwnedObject): Promise<CausewayError | undefined> {
    return this.identity.findRefusal(presentedCredential(call.request), permissionsOf(call.route), object);
  }

  /** Tells the audit log that the stream of a run has ended before the run, and why: `Refusals` keeps it until audit has taken it. */
  note(end: CausewayError, call: Call, runId: string): void {
    this.refusals.note(end.code, {
      caller: call,
      userAgent: call.request.headers['user-agent'],
      object: { type: 'run', id: runId },
      ...(isUnreachable(end) && { reason: 'auth could not be asked whether the reader may go on' }),
    });
  }
}
