import { ALLOWED, type Invariant, jsonOf, sqlInvariant } from './invariant.js';

const STEPS = `SELECT count(*)::int AS n FROM executor.step_result`;
const OUTBOXES = ['auth', 'flow_registry', 'scheduler', 'executor'];

/** Invariants of steps, events, effects and outbox rows. */
export const stepInvariants: readonly Invariant[] = [
  sqlInvariant(3, 'the events of a run are numbered 1..last without gap or repeat', {
    all: `SELECT count(*)::int AS n FROM executor.run_event`,
    broken: `
      SELECT 'run ' || run_id || ' has ' || count(*) || ' events, numbered ' || min(v.seq) || '..' || max(v.seq) || ', ' ||
             count(DISTINCT v.seq) || ' of them different' AS what
      FROM executor.run_event v JOIN executor.execution e USING (run_id)
      WHERE e.finished_at IS NOT NULL
      GROUP BY run_id HAVING count(*) <> max(v.seq) OR min(v.seq) <> 1 OR count(DISTINCT v.seq) <> count(*)
      UNION ALL
      SELECT 'run ' || run_id || ' ends with event ' || max(v.seq) || ', its row says ' || e.last_seq
      FROM executor.run_event v JOIN executor.execution e USING (run_id)
      WHERE e.finished_at IS NOT NULL GROUP BY run_id, e.last_seq HAVING max(v.seq) <> e.last_seq`,
  }),
  sqlInvariant(4, 'a step that has succeeded is never begun again', {
    all: STEPS,
    broken: `
      SELECT 'run ' || a.run_id || ': ' || a.path || ' succeeded in epoch ' || s.epoch || ' and began in ' || a.epoch AS what
      FROM executor.step_attempt a JOIN executor.step_result s USING (run_id, path)
      WHERE s.status = 'succeeded' AND a.epoch > s.epoch
      UNION ALL
      SELECT 'run ' || run_id || ': ' || path || ' has epoch ' || epoch || ' behind a step of epoch ' || before
      FROM (SELECT *, max(epoch) OVER (PARTITION BY run_id ORDER BY seq) AS before FROM executor.step_result) s
      WHERE epoch < before
      UNION ALL
      SELECT 'run ' || s.run_id || ': ' || s.path || ' has epoch ' || s.epoch || ', the run ' || e.epoch
      FROM executor.step_result s JOIN executor.execution e USING (run_id) WHERE s.epoch > e.epoch
      UNION ALL
      SELECT 'run ' || s.run_id || ': ' || s.path || ' was written by epoch ' || s.epoch || ' after the takeover by ' ||
             (${jsonOf('i.data')} ->> 'epoch')
      FROM executor.incident i JOIN executor.step_result s USING (run_id)
      WHERE i.type = 'run.taken_over' AND s.seq > i.seq AND s.epoch < (${jsonOf('i.data')} ->> 'epoch')::int`,
  }),
  sqlInvariant(7, 'nothing begins after a cancel, nothing is written after the end', {
    all: STEPS,
    broken: `
      SELECT 'run ' || s.run_id || ': ' || s.path || ' began at ' || s.started_at || ', cancelled at ' || e.cancel_requested_at AS what
      FROM executor.step_result s JOIN executor.execution e USING (run_id)
      WHERE s.started_at > e.cancel_requested_at + interval '${ALLOWED.cancelS} s'
      UNION ALL
      SELECT 'run ' || s.run_id || ': ' || s.path || ' is event ' || s.seq || ', the end was ' || e.last_seq
      FROM executor.step_result s JOIN executor.execution e USING (run_id)
      WHERE e.finished_at IS NOT NULL AND s.seq >= e.last_seq`,
  }),
  sqlInvariant(8, 'no outbox row waits long to be sent', {
    all: OUTBOXES.map((schema) => `SELECT count(*)::int AS n FROM ${schema}.outbox`)
      .join(' UNION ALL ')
      .replace(/^/, 'SELECT sum(n)::int AS n FROM (')
      .concat(') AS all_outboxes'),
    broken: OUTBOXES.map(
      (schema) => `
      SELECT '${schema}: ' || subject || ' ' || id || ' waits since ' || created_at AS what
      FROM ${schema}.outbox WHERE created_at < now() - interval '${ALLOWED.outboxS} s'`,
    ).join(' UNION ALL '),
  }),
  sqlInvariant(10, 'an effect of a run that is over is settled', {
    all: `SELECT count(*)::int AS n FROM executor.effect`,
    broken: `
      SELECT 'run ' || f.run_id || ': ' || f.path || ' was about to happen and the run is ' || e.status AS what
      FROM executor.effect f JOIN executor.execution e USING (run_id)
      WHERE f.state = 'intent' AND e.finished_at IS NOT NULL`,
  }),
];
