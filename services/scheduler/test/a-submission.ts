import { randomUUID } from 'node:crypto';
import {
  DEFAULT_ORGANISATION_ID,
  DEFAULT_PROJECT_ID,
  DEFAULT_RUN_LIMITS,
  DEFAULT_TEAM_ID,
} from '@causeway/contracts';
import type { InputOf, RunEnvelope, submitRun } from '@causeway/contracts';
import { runEvent } from '../src/domain/audit-event.js';
import type { Submission } from '../src/store/run.store.js';

/** An envelope like those that gateways write. */
export function anEnvelope(over: Partial<RunEnvelope> = {}): RunEnvelope {
  return {
    organisationId: DEFAULT_ORGANISATION_ID,
    teamId: DEFAULT_TEAM_ID,
    runId: randomUUID(),
    projectId: DEFAULT_PROJECT_ID,
    flowId: '00000000-0000-4000-8000-0000000000f1',
    versionHash: 'v1',
    input: { inline: 'sealed' },
    trigger: 'api',
    principal: {
      kind: 'user',
      id: 'ada',
      name: 'Ada',
      organisationId: DEFAULT_ORGANISATION_ID,
      teamId: DEFAULT_TEAM_ID,
      permissions: ['flow:run', 'run:read', 'run:cancel'],
    },
    limits: DEFAULT_RUN_LIMITS,
    requestId: 'request-1',
    submittedAt: new Date().toISOString(),
    ...over,
  };
}

/** A submission of an envelope. */
export function aSubmission(over: Partial<RunEnvelope> = {}, more: Partial<Submission> = {}): Submission {
  const envelope = anEnvelope(over);
  const event = runEvent(envelope, {
    id: randomUUID(),
    at: envelope.submittedAt,
    action: 'run.submit',
    result: 'succeeded',
  });
  return { envelope, queueTtlS: 3600, event, ...more };
}

/** The request of a gateway for a run. */
export function aRequest(over: Partial<RunEnvelope> = {}): InputOf<typeof submitRun> {
  const { organisationId, teamId, runId, flowId, trigger, principal, requestId, submittedAt } =
    anEnvelope(over);
  const tenant = { organisationId, teamId };
  return {
    caller: { principal: { ...principal, ...tenant }, tenant, requestId },
    runId,
    flow: flowId,
    input: 'sealed',
    trigger,
    submittedAt,
  };
}
