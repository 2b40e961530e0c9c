/**
 * Picks runs that their owner can no longer end, and locks them: those past their deadline by more than the owner's grace,
 * and those that were alone in too many runners that died. The time that a run has no runner, counted from its runner's last
 * heartbeat or from when it was given back, does not count toward its deadline, up to $4 seconds.
 *
 * $1: grace in seconds; $2: deaths alone that are too many; $3: at most so many; $4: seconds without a runner that do not
 * count; $5: seconds of silence after which a runner may be dead.
 *
 * Not in the order of the ids: Postgres would read through all runs that have ended to save itself a small sort.
 */
export const pickOverdueSql = `
SELECT e.run_id, e.envelope, e.crashes, e.deadline_at < d.clock - make_interval(secs => $1) AS overdue
FROM execution e LEFT JOIN executor x ON x.id = e.owner
CROSS JOIN LATERAL (
  SELECT greatest(
           CASE WHEN e.owner IS NULL THEN coalesce(e.paused_at, clock_timestamp())
                WHEN x.id = e.owner AND (x.ended_at IS NOT NULL OR x.heartbeat_at < clock_timestamp() - make_interval(secs => $5))
                  THEN least(x.ended_at, x.heartbeat_at)
                ELSE clock_timestamp() END,
           clock_timestamp() - make_interval(secs => $4)) AS clock
) d
WHERE e.status = 'running'
  AND (e.deadline_at < d.clock - make_interval(secs => $1) OR e.crashes >= $2)
ORDER BY e.deadline_at, e.run_id LIMIT $3
FOR UPDATE OF e SKIP LOCKED`;

/**
 * Ends picked runs in place of their owners, in the transaction that picked them: only there are all rows of the owners visible.
 *
 * $1 uuid[]: runs; $2 text[]: statuses; $3 text[]: errors; $4: time; $5 int[]: deaths alone;
 * $6..$9: outbox rows (run, id, subject, payload).
 */
export const endOverdueSql = `
WITH input AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $5::int[]) AS t(run_id, status, error, crashes)
), ended AS (
  UPDATE execution e
  SET status = i.status, error = i.error, crashes = i.crashes, epoch = e.epoch + 1, finished_at = $4, envelope = NULL,
      last_seq = 1 + greatest(1, (SELECT max(seq) FROM step_result s WHERE s.run_id = e.run_id),
                                 (SELECT max(seq) FROM incident n WHERE n.run_id = e.run_id)),
      tokens_used = coalesce((SELECT sum(output_tokens) FROM step_result s WHERE s.run_id = e.run_id), 0)
  FROM input i WHERE e.run_id = i.run_id
  RETURNING e.run_id, e.organisation_id, e.team_id
), settled AS (
  UPDATE effect SET state = 'unknown', settled_at = $4 FROM ended WHERE effect.run_id = ended.run_id AND effect.state = 'intent'
)
INSERT INTO outbox (id, subject, payload, organisation_id, team_id)
SELECT t.id, t.subject, t.payload, ended.organisation_id, ended.team_id
FROM unnest($6::uuid[], $7::uuid[], $8::text[], $9::text[]) AS t(run_id, id, subject, payload) JOIN ended USING (run_id)`;
