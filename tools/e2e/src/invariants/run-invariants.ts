import { ALLOWED, type Invariant, jsonOf, sqlInvariant } from './invariant.js';

const FINAL = `('succeeded', 'failed', 'cancelled', 'timed_out', 'dead')`;

/** Invariants of whole runs: accepted once, ended once, with the same state everywhere. */
export const runInvariants: readonly Invariant[] = [
  sqlInvariant(1, 'an accepted submit is exactly one run, and an idempotency key names one', {
    all: `SELECT count(*)::int AS n FROM scheduler.run`,
    broken: `
      SELECT 'key ' || i.key || ' names run ' || i.run_id || ', which does not exist' AS what
      FROM scheduler.idempotency i LEFT JOIN scheduler.run r ON r.id = i.run_id WHERE r.id IS NULL
      UNION ALL
      SELECT 'run ' || run_id || ' has ' || count(*) || ' keys' FROM scheduler.idempotency GROUP BY run_id HAVING count(*) > 1
      UNION ALL
      SELECT 'execution ' || e.run_id || ' belongs to no run'
      FROM executor.execution e LEFT JOIN scheduler.run r ON r.id = e.run_id WHERE r.id IS NULL`,
  }),
  sqlInvariant(2, 'a run ends within its time, once', {
    all: `SELECT count(*)::int AS n FROM scheduler.run`,
    broken: `
      SELECT 'run ' || id || ' waits since ' || submitted_at || ', longer than it may' AS what
      FROM scheduler.run WHERE status = 'queued' AND queue_expires_at < now() - interval '${ALLOWED.overdueS} s'
      UNION ALL
      SELECT 'run ' || run_id || ' still runs, its deadline was ' || deadline_at
      FROM executor.execution WHERE finished_at IS NULL AND deadline_at < now() - interval '${ALLOWED.overdueS} s'
      UNION ALL
      SELECT 'run ' || r.id || ' was handed over at ' || r.released_at || ' and nobody has it'
      FROM scheduler.run r LEFT JOIN executor.execution e ON e.run_id = r.id
      WHERE r.status = 'released' AND e.run_id IS NULL AND r.released_at < now() - interval '${ALLOWED.overdueS} s'
      UNION ALL
      SELECT 'execution ' || run_id || ' is ' || status || ', finished at ' || coalesce(finished_at::text, 'no time')
      FROM executor.execution WHERE (finished_at IS NULL) <> (status NOT IN ${FINAL})
      UNION ALL
      SELECT 'run ' || run_id || ' was told to have finished ' || count(*) || ' times'
      FROM (SELECT ${jsonOf('content')} ->> 'runId' AS run_id FROM audit.event WHERE action = 'run.finish') f
      GROUP BY run_id HAVING count(*) > 1`,
  }),
  // After a limit was lowered, more runs may execute than it allows now, but none is handed over in addition.
  sqlInvariant(12, 'no team and no flow has more runs executing than it may', {
    all: `SELECT count(*)::int AS n FROM scheduler.slot`,
    broken: `
      SELECT s.scope || ' ' || s.id || ' held ' || max(r.running) || ' runs at once, its limit is ' || s.capacity AS what
      FROM scheduler.slot s JOIN (
        SELECT scope, id, at, change, sum(change) OVER (PARTITION BY scope, id ORDER BY at, change) AS running
        FROM (
          SELECT team_id, flow_id, released_at AS at, 1 AS change FROM scheduler.run WHERE released_at IS NOT NULL
          UNION ALL
          SELECT team_id, flow_id, finished_at, -1 FROM scheduler.run WHERE released_at IS NOT NULL AND finished_at IS NOT NULL
        ) c CROSS JOIN LATERAL (VALUES ('team', team_id), ('flow', flow_id)) k(scope, id)
      ) r ON r.scope = s.scope AND r.id = s.id AND r.change = 1 AND r.at >= s.capacity_since
      GROUP BY s.scope, s.id, s.capacity HAVING max(r.running) > s.capacity`,
  }),
  sqlInvariant(16, 'a dead run has a row that says why', {
    all: `SELECT count(*)::int AS n FROM executor.execution WHERE status = 'dead'`,
    broken: `
      SELECT 'run ' || run_id || ' is dead after ' || crashes || ' deaths, for no reason given' AS what
      FROM executor.execution WHERE status = 'dead' AND (error IS NULL OR crashes = 0)
      UNION ALL
      SELECT 'run ' || run_id || ' is ' || status || ' with the error of a dead run'
      FROM executor.execution WHERE status <> 'dead' AND ${jsonOf('error')} ->> 'code' = 'RUN_DEAD'`,
  }),
  sqlInvariant(17, 'scheduler, executor, slots and audit agree on every run', {
    all: `SELECT count(*)::int AS n FROM scheduler.run WHERE finished_at IS NOT NULL`,
    broken: `
      SELECT 'run ' || r.id || ' is ' || r.status || ', its execution ' || coalesce(e.status, 'does not exist') AS what
      FROM scheduler.run r LEFT JOIN executor.execution e ON e.run_id = r.id
      WHERE r.released_at IS NOT NULL AND r.finished_at IS NOT NULL AND e.status IS DISTINCT FROM r.status
      UNION ALL
      SELECT 'run ' || r.id || ' ended in the queue and has an execution all the same'
      FROM scheduler.run r JOIN executor.execution e ON e.run_id = r.id WHERE r.released_at IS NULL
      UNION ALL
      SELECT s.scope || ' ' || s.id || ' holds ' || s.held || ' slots and has ' || s.waiting || ' waiting, for '
             || count(r.id) FILTER (WHERE r.status = 'released') || ' and ' || count(r.id) FILTER (WHERE r.status = 'queued') || ' runs'
      FROM scheduler.slot s
      LEFT JOIN scheduler.run r ON r.status IN ('released', 'queued')
        AND CASE s.scope WHEN 'system' THEN true WHEN 'team' THEN r.team_id = s.id ELSE r.flow_id = s.id END
      GROUP BY s.scope, s.id, s.held, s.waiting
      HAVING s.held <> count(r.id) FILTER (WHERE r.status = 'released')
          OR s.waiting <> count(r.id) FILTER (WHERE r.status = 'queued')
      UNION ALL
      SELECT 'run ' || r.id || ' is still handed over and its execution is ' || e.status || ' since ' || e.finished_at
      FROM scheduler.run r JOIN executor.execution e ON e.run_id = r.id
      WHERE r.status = 'released' AND e.finished_at < now() - interval '${ALLOWED.outboxS} s'
      UNION ALL
      SELECT 'run ' || r.id || ' was accepted and the audit log does not say so'
      FROM scheduler.run r
      WHERE r.submitted_at < now() - interval '${ALLOWED.outboxS} s' AND NOT EXISTS (
        SELECT FROM audit.event a WHERE a.action = 'run.submit' AND ${jsonOf('a.content')} ->> 'runId' = r.id::text)
      UNION ALL
      SELECT 'run ' || r.id || ' (' || r.status || ') is missing in the audit log'
      FROM scheduler.run r
      WHERE r.finished_at < now() - interval '${ALLOWED.outboxS} s' AND NOT EXISTS (
        SELECT FROM audit.event a WHERE a.action = 'run.finish' AND ${jsonOf('a.content')} ->> 'runId' = r.id::text)`,
  }),
];
