/** Registers a runner. $1 id, $2 kind, $3 host, $4 pid, $5 engine version, $6 mark of its process or null. */
export const registerExecutorSql = `
INSERT INTO executor (id, kind, host, pid, engine_version, process) VALUES ($1, $2, $3, $4, $5, $6)`;

/** Changes a runner's kind. $1 id, $2 kind. */
export const changeKindSql = `UPDATE executor SET kind = $2 WHERE id = $1 AND ended_at IS NULL`;

/** Runners that are not marked as ended and whose processes have a mark. */
export const findMarkedSql = `
SELECT id, pid, process FROM executor WHERE ended_at IS NULL AND process IS NOT NULL`;

/** The lock a runner's process holds as long as it lives. $1: its id. */
export const tryLifeLockSql = `SELECT pg_try_advisory_lock(hashtextextended('executor ' || $1::text, 0)) AS held`;

/**
 * Ends the connection that holds a runner's lock: only the runner itself opens such a connection. Connections that only test whether the
 * lock is free take it in shared mode, and are not ended. $1: the runner.
 */
export const endLockHolderSql = `
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock' AND objsubid = 1 AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (classid::bigint << 32) | objid::bigint = hashtextextended('executor ' || $1::text, 0)`;

/** $1: the runner. Returns nothing when it was found dead meanwhile. */
export const heartbeatSql = `
UPDATE executor SET heartbeat_at = clock_timestamp() WHERE id = $1 AND ended_at IS NULL
RETURNING (extract(epoch FROM heartbeat_at) * 1000)::float8 AS now_ms`;

/** Marks runners that stopped or whose process has ended. $1 uuid[]. */
export const endExecutorsSql = `
UPDATE executor SET ended_at = clock_timestamp() WHERE id = ANY($1) AND ended_at IS NULL RETURNING id`;

/**
 * Finds dead runners: their lock is free and they were silent for \`$1\` seconds, or they were silent for \`$2\`. In the first \`$2\`
 * seconds after a start of Postgres no runner is found dead, since the restart closed all connections.
 *
 * The lock is tried in shared mode, so that two sweepers at the same time do not mistake each other for the owner.
 */
export const findDeadSql = `
UPDATE executor SET ended_at = clock_timestamp()
WHERE ended_at IS NULL
  AND pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => $2)
  AND CASE
    WHEN heartbeat_at < clock_timestamp() - make_interval(secs => $2) THEN true
    WHEN heartbeat_at < clock_timestamp() - make_interval(secs => $1)
      THEN pg_try_advisory_xact_lock_shared(hashtextextended('executor ' || id::text, 0))
    ELSE false
  END
RETURNING id, kind`;

/** Counts shared runners that are alive. $1: silent for so many seconds at most. */
export const countSharedSql = `
SELECT count(*)::int AS shared FROM executor
WHERE kind = 'shared' AND ended_at IS NULL AND heartbeat_at > clock_timestamp() - make_interval(secs => $1)`;

/** The runs that a runner holds. $1: the runner. */
export const findHeldSql = `
SELECT run_id, cancel_requested_at IS NOT NULL AS cancel_requested FROM execution WHERE owner = $1 AND status = 'running'`;

/**
 * Gives back runs that a runner does not execute any more; the epoch stays until another runner takes them over.
 * $1: the runner; $2 uuid[]: only these runs, or null for all.
 */
export const releaseRunsSql = `
UPDATE execution SET owner = NULL, paused_at = clock_timestamp()
WHERE owner = $1 AND status = 'running' AND ($2::uuid[] IS NULL OR run_id = ANY($2)) RETURNING run_id`;

/** Runners that ended long ago and hold nothing. $1: days. */
export const oldExecutorsSql = `
SELECT x.id FROM executor x WHERE ended_at < clock_timestamp() - make_interval(days => $1)
  AND NOT EXISTS (SELECT FROM execution e WHERE e.owner = x.id AND e.status = 'running')`;
