import type { Invariant } from './invariant.js';

/** What a client was told of a run. */
export interface Told {
  readonly runId: string;
  /** `accepted`: it was given the run's id, and no end. */
  readonly outcome: 'accepted' | 'succeeded' | 'not succeeded';
}

/** The number that this check has in reports: it is none of the architecture's list, which looks at the database alone. */
const NUMBER = 18;

/** What clients were told is what happened: an accepted run is there, and an answer is the run's own end. */
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
        if (status === undefined) return [`run ${runId} was ${outcome} for its client and is not there`];
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
