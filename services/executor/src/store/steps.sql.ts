/**
 * Steps of a run in journal order; steps without a result come last. One that began in an attempt which is over is
 * \`unknown\` until it is made again. A step that has no row before its result counts as one attempt.
 *
 * $1: run; $2: team.
 */
export const stepsSql = `
WITH begun AS (
  SELECT DISTINCT ON (path) path, node_id, node_type, node_name, epoch, started_at
  FROM step_attempt WHERE run_id = $1 AND team_id = $2 ORDER BY path, epoch DESC
), epochs AS (
  SELECT path, count(DISTINCT epoch)::int AS attempts FROM (
    SELECT path, epoch FROM step_attempt WHERE run_id = $1 UNION SELECT path, epoch FROM step_result WHERE run_id = $1
  ) e GROUP BY path
)
SELECT s.path, s.node_id, s.node_type, s.node_name, s.status, s.epoch, e.attempts, s.started_at, s.finished_at, s.outputs,
       s.error, s.input_tokens, s.output_tokens, s.model, s.possibly_paid_twice, s.seq
FROM step_result s JOIN epochs e USING (path)
WHERE s.run_id = $1 AND s.team_id = $2
UNION ALL
SELECT b.path, b.node_id, b.node_type, b.node_name,
       CASE WHEN x.status = 'running' AND x.epoch = b.epoch THEN 'running' ELSE 'unknown' END,
       b.epoch, e.attempts, b.started_at, NULL, NULL, NULL, NULL, NULL, NULL, false, 2147483647
FROM begun b JOIN epochs e USING (path) JOIN execution x ON x.run_id = $1
WHERE NOT EXISTS (SELECT FROM step_result s WHERE s.run_id = $1 AND s.path = b.path)
ORDER BY seq, started_at, path`;
