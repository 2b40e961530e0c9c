import { auditEvent, flowOfRun } from '@causeway/contracts';
import type { AuditEvent, AuditedAct, RunEnvelope } from '@causeway/contracts';

/** The audit event for an action on a run. The actor is the run's own principal unless another one is given. */
export function runEvent(
  envelope: RunEnvelope,
  act: Pick<AuditedAct, 'id' | 'at' | 'action' | 'result' | 'code'> & { actor?: RunEnvelope['principal'] },
): AuditEvent {
  return auditEvent({
    ...act,
    actor: act.actor ?? envelope.principal,
    tenant: envelope,
    object: flowOfRun(envelope),
    requestId: envelope.requestId,
    runId: envelope.runId,
    detail: { trigger: envelope.trigger },
  });
}
