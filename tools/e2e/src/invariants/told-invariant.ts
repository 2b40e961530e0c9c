import type { Invariant } from './invariant.js';

/** A client's answer about a run. */
export interface Told {
  readonly runId: string;
  /** `accepted`: the client received the run's id, and no final state. */
  readonly outcome: 'accepted' | 'succeeded' | 'not succeeded';
}

/** The number that this check has in reports: it is not in the architecture's list, which concerns only the database. */
const NUMBER = 18;

/** The answers of clients are true: an accepted run exists, and an answer has the run's own final state. */
export function toldInvariant(told: readonly Told[]): Invariant {
  return {
    number: NUMBER,
    name: 'clients got true answers',
    check: async (ledger) => {
      const runs = await ledger.query<{ id: string; status: string }>(
        'SELECT r.id, coalesce(e.status, r.status) AS status FROM scheduler.run r LEFT JOIN executor.execution e ON e.run_id = r.id WHERE r.id = ANY($1::uuid[])',
        [told.map(({ runId }) => runId)],
      );
      const statuses = new Map(runs.map(({ id, status }) => [id, status]));
      const violations = told.flatMap(({ runId, outcome }) => {
        const status = statuses.get(runId);
        if (status === undefined) return [`run ${runId} was ${outcome} for its client and does not exist`];
        const contradicts =
          outcome === 'succeeded'
            ? status !== 'succeeded'
            : outcome === 'not succeeded' && status === 'succeeded';
        return contradicts ? [`run ${runId} was ${outcome} for its client and is ${status}`] : [];
      });
      return { looked: told.length, violations };
    },
  };
}
