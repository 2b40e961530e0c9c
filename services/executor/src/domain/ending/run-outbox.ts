import { appendAuditEvents, auditEvent, flowOfRun, reportRuns } from '@causeway/contracts';
import type { AuditEvent, RunEnvelope, RunError, RunReport } from '@causeway/contracts';
import type { RunStatus } from '@causeway/dag';
import type { OutboxRow } from '@causeway/platform';

/** How a run ended, as it is reported. */
export interface Ending {
  readonly status: RunStatus;
  readonly at: string;
  readonly error?: RunError;
  /** The principal who stopped it, if one did. */
  readonly actor?: RunEnvelope['principal'];
}

/** The reports of an ending to the scheduler and the audit log. @param freshId  returns a new UUID v7 at each call */
export function endingRows(envelope: RunEnvelope, ending: Ending, freshId: () => string): OutboxRow[] {
  const report: RunReport = {
    runId: envelope.runId,
    status: ending.status,
    at: ending.at,
    ...(ending.error && { errorCode: ending.error.code, errorMessage: ending.error.message }),
  };
  const event = finishEvent(envelope, ending, freshId());
  return [
    row(envelope, freshId(), reportRuns.subject, report),
    row(envelope, event.id, appendAuditEvents.subject, event),
  ];
}

function finishEvent(envelope: RunEnvelope, ending: Ending, id: string): AuditEvent {
  return auditEvent({
    id,
    at: ending.at,
    tenant: envelope,
    actor: ending.actor ?? envelope.principal,
    action: 'run.finish',
    object: flowOfRun(envelope),
    result: ending.status === 'succeeded' ? 'succeeded' : 'failed',
    code: ending.error?.code,
    requestId: envelope.requestId,
    runId: envelope.runId,
    detail: { trigger: envelope.trigger, status: ending.status },
  });
}

function row(tenant: RunEnvelope, id: string, subject: string, payload: object): OutboxRow {
  return {
    id,
    subject,
    payload: JSON.stringify(payload),
    organisationId: tenant.organisationId,
    teamId: tenant.teamId,
  };
}
