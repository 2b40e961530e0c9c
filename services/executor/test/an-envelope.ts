import { randomUUID } from 'node:crypto';
import {
  DEFAULT_ORGANISATION_ID,
  DEFAULT_PROJECT_ID,
  DEFAULT_RUN_LIMITS,
  DEFAULT_TEAM_ID,
} from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';

export const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };

/** The envelope of a run that was released. */
export function anEnvelope(changes: Partial<RunEnvelope> = {}): RunEnvelope {
  return {
    ...tenant,
    runId: randomUUID(),
    projectId: DEFAULT_PROJECT_ID,
    flowId: randomUUID(),
    versionHash: 'a'.repeat(64),
    input: { inline: 'sealed' },
    trigger: 'api',
    principal: {
      ...tenant,
      kind: 'user',
      id: 'ada',
      name: 'Ada',
      permissions: ['flow:run', 'run:read', 'message:read', 'message:write'],
    },
    limits: DEFAULT_RUN_LIMITS,
    requestId: 'request-1',
    submittedAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}
