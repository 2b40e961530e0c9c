import type { AuditEvent, RunEnvelope } from '@causeway/contracts';

/** The audit event of something done to a run. */
export function runEvent(
  envelope: RunEnvelope,
  act: {
    id: string;
    at: string;
    action: string;
    result: AuditEvent['result'];
    code?: string;
    actor?: RunEnvelope['principal'];
  },
): AuditEvent {
  const actor = act.actor ?? envelope.principal;
  return {
    id: act.id,
    at: act.at,
    organisationId: envelope.organisationId,
    teamId: envelope.teamId,
    actor: {
      kind: actor.kind,
      id: actor.id,
      name: actor.name,
      ...(actor.keyId === undefined ? {} : { keyId: actor.keyId }),
    },
    action: act.action,
    object: { type: 'flow', id: envelope.flowId, version: envelope.versionHash },
    result: act.result,
    ...(act.code === undefined ? {} : { code: act.code }),
    requestId: envelope.requestId,
    runId: envelope.runId,
    detail: { trigger: envelope.trigger },
  };
}
