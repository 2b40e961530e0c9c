import type { RunSummary } from '@causeway/contracts';
import type { RunStatus } from '@causeway/dag';

/** A run's row, without its envelope. */
export interface RunRow {
  readonly id: string;
  readonly organisationId: string;
  readonly teamId: string;
  readonly projectId: string;
  readonly flowId: string;
  readonly versionHash: string;
  readonly status: string;
  readonly trigger: string;
  readonly principalId: string;
  readonly submittedAt: Date;
  readonly releasedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

/** The status that callers see: a released run is shown as running. */
export function visibleStatus(stored: string): RunStatus {
  return stored === 'released' ? 'running' : (stored as RunStatus);
}

/** The form of a row in lists. */
export function runSummary(row: RunRow): RunSummary {
  return {
    ...row,
    status: visibleStatus(row.status),
    trigger: row.trigger as RunSummary['trigger'],
    submittedAt: row.submittedAt.toISOString(),
    releasedAt: row.releasedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
