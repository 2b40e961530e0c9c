import { causewayError } from '@causeway/contracts';
import type { AuditEvent, Principal, RunEnvelope } from '@causeway/contracts';
import { runEvent } from './audit-event.js';

/** The end of a run that never left the queue, with its audit event. */
export interface QueueEnding {
  readonly runId: string;
  readonly status: 'cancelled' | 'timed_out';
  readonly at: Date;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly expected: 'queued';
  readonly event: AuditEvent;
}

/** Ends a queued run. `actor`: who requested it, if that is not the run's own principal. */
export function endInQueue(
  envelope: RunEnvelope,
  status: QueueEnding['status'],
  act: { at: Date; eventId: string; actor?: Principal },
): QueueEnding {
  const error =
    status === 'cancelled' ? causewayError('RUN_CANCELLED', {}) : causewayError('QUEUE_TIMED_OUT', {});
  const event = runEvent(envelope, {
    id: act.eventId,
    at: act.at.toISOString(),
    action: 'run.finish',
    result: 'failed',
    code: error.code,
    ...(act.actor && { actor: act.actor }),
  });
  return {
    runId: envelope.runId,
    status,
    at: act.at,
    errorCode: error.code,
    errorMessage: error.message,
    expected: 'queued',
    event,
  };
}
