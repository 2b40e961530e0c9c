import type {
  AttemptRow,
  EffectRow,
  EndRow,
  IncidentRow,
  JournalChunk,
  MessageRow,
  StepRow,
} from '../domain/journal/journal-rows.js';

/** A column of a part: its name, its type, and its value for a row. */
type Column<Row> = readonly [name: string, type: string, pick: (row: Row) => unknown];

/** Rows of one kind: where they come from, and the statement that writes them once their runs are locked. */
interface Part<Row> {
  readonly name: string;
  readonly rowsOf: (chunk: JournalChunk) => readonly Row[];
  readonly columns: readonly Column<Row>[];
  /** @param source  the rows joined to the held runs `h`; @param names  the columns' names, separated by commas */
  readonly statement: (source: string, names: string) => string;
}

const steps: Part<StepRow> = {
  name: 'steps',
  rowsOf: (chunk) => chunk.steps,
  columns: [
    ['path', 'text', (row) => row.path],
    ['seq', 'int', (row) => row.seq],
    ['node_id', 'text', (row) => row.nodeId],
    ['node_type', 'text', (row) => row.nodeType],
    ['node_name', 'text', (row) => row.nodeName],
    ['status', 'text', (row) => row.status],
    ['request_hash', 'text', (row) => row.requestHash],
    ['outputs', 'text', (row) => row.outputs],
    ['closed_outputs', 'text', (row) => row.closedOutputs && JSON.stringify(row.closedOutputs)],
    ['items', 'int', (row) => row.items],
    ['input_tokens', 'int', (row) => row.tokens?.input],
    ['output_tokens', 'int', (row) => row.tokens?.output],
    ['model', 'text', (row) => row.model],
    ['possibly_paid_twice', 'boolean', (row) => row.possiblyPaidTwice ?? false],
    ['error', 'text', (row) => row.error],
    ['started_at', 'timestamptz', (row) => row.startedAt],
    ['finished_at', 'timestamptz', (row) => row.finishedAt],
  ],
  statement: (source, names) => `
    INSERT INTO step_result (run_id, organisation_id, team_id, epoch, ${names})
    SELECT h.run_id, h.organisation_id, h.team_id, h.epoch, ${names} FROM ${source}
    ON CONFLICT DO NOTHING RETURNING run_id`,
};

const attempts: Part<AttemptRow> = {
  name: 'attempts',
  rowsOf: (chunk) => chunk.attempts,
  columns: [
    ['path', 'text', (row) => row.path],
    ['node_id', 'text', (row) => row.nodeId],
    ['node_type', 'text', (row) => row.nodeType],
    ['node_name', 'text', (row) => row.nodeName],
    ['started_at', 'timestamptz', (row) => row.startedAt],
  ],
  statement: (source, names) => `
    INSERT INTO step_attempt (run_id, organisation_id, team_id, epoch, ${names})
    SELECT h.run_id, h.organisation_id, h.team_id, h.epoch, ${names} FROM ${source}
    ON CONFLICT DO NOTHING`,
};

const incidents: Part<IncidentRow> = {
  name: 'incidents',
  rowsOf: (chunk) => chunk.incidents,
  columns: [
    ['seq', 'int', (row) => row.seq],
    ['at', 'timestamptz', (row) => row.at],
    ['type', 'text', (row) => row.type],
    ['path', 'text', (row) => row.path],
    ['data', 'text', (row) => row.data],
  ],
  statement: (source, names) => `
    INSERT INTO incident (run_id, organisation_id, team_id, ${names})
    SELECT h.run_id, h.organisation_id, h.team_id, ${names} FROM ${source}
    ON CONFLICT DO NOTHING`,
};

const effects: Part<EffectRow> = {
  name: 'effects',
  rowsOf: (chunk) => chunk.effects,
  columns: [
    ['path', 'text', (row) => row.path],
    ['state', 'text', (row) => row.state],
    ['effects', 'text', (row) => row.effects],
    ['name', 'text', (row) => row.name],
    ['idempotency_key', 'text', (row) => row.idempotencyKey],
    ['request_hash', 'text', (row) => row.requestHash],
    ['intended_at', 'timestamptz', (row) => row.intendedAt],
    ['settled_at', 'timestamptz', (row) => row.settledAt],
  ],
  statement: (source, names) => `
    INSERT INTO effect (run_id, organisation_id, team_id, epoch, ${names})
    SELECT h.run_id, h.organisation_id, h.team_id, h.epoch, ${names} FROM ${source}
    ON CONFLICT (run_id, path) DO UPDATE
    SET state = excluded.state, epoch = excluded.epoch, request_hash = excluded.request_hash,
        intended_at = excluded.intended_at, settled_at = excluded.settled_at
    RETURNING run_id, path`,
};

const messages: Part<MessageRow> = {
  name: 'messages',
  rowsOf: (chunk) => chunk.messages,
  columns: [
    ['id', 'uuid', (row) => row.id],
    ['flow_id', 'uuid', (row) => row.flowId],
    ['session_id', 'text', (row) => row.sessionId],
    ['context_id', 'text', (row) => row.contextId],
    ['sender', 'text', (row) => row.sender],
    ['sender_name', 'text', (row) => row.senderName],
    ['error', 'boolean', (row) => row.error],
    ['at', 'timestamptz', (row) => row.at],
    ['seq', 'int', (row) => row.seq],
    ['body', 'text', (row) => row.body],
  ],
  statement: (source, names) => `
    INSERT INTO message (run_id, organisation_id, team_id, project_id, ${names})
    SELECT h.run_id, h.organisation_id, h.team_id, h.project_id, ${names} FROM ${source}
    ON CONFLICT (id) DO UPDATE
    SET session_id = excluded.session_id, context_id = excluded.context_id, sender = excluded.sender,
        sender_name = excluded.sender_name, error = excluded.error, body = excluded.body
    WHERE message.run_id = excluded.run_id`,
};

const ends: Part<EndRow> = {
  name: 'ends',
  rowsOf: (chunk) => (chunk.end ? [chunk.end] : []),
  columns: [
    ['status', 'text', (row) => row.status],
    ['result', 'text', (row) => row.result],
    ['error', 'text', (row) => row.error],
    ['last_seq', 'int', (row) => row.lastSeq],
    ['tokens_used', 'int', (row) => row.tokensUsed],
    ['finished_at', 'timestamptz', (row) => row.finishedAt],
  ],
  statement: (source, names) => `
    UPDATE execution e SET (${names}) = ROW (${names.replaceAll(/\w+/g, 't.$&')}), envelope = NULL
    FROM ${source} WHERE e.run_id = h.run_id
    RETURNING e.run_id, e.finished_at`,
};

const outbox: Part<EndRow['outbox'][number]> = {
  name: 'told',
  rowsOf: (chunk) => chunk.end?.outbox ?? [],
  columns: [
    ['id', 'uuid', (row) => row.id],
    ['subject', 'text', (row) => row.subject],
    ['payload', 'text', (row) => row.payload],
  ],
  statement: (source, names) => `
    INSERT INTO outbox (organisation_id, team_id, ${names})
    SELECT h.organisation_id, h.team_id, ${names} FROM ${source}
    ON CONFLICT DO NOTHING`,
};

const parts = [steps, attempts, incidents, effects, messages, ends, outbox] as readonly Part<unknown>[];

/** A statement that writes the rows of some runs, each under its own epoch. */
export interface JournalStatement {
  /** Name of the prepared statement: one name for each text, which depends on the kinds of rows. */
  readonly name: string;
  readonly sql: string;
  readonly values: readonly unknown[];
}

/**
 * Writes chunks of several runs in one statement. It first locks their rows, in the order of their ids, where the epoch
 * is still the given one and the run is not over: a takeover at the same time waits for this statement or makes it
 * write nothing. The lock is shared unless a run ends here.
 *
 * Returns (run_id, cancel_requested, steps_written) of the runs that were held; the others have lost their lease.
 *
 * @param chunks  at most one per run
 */
export function journalStatement(chunks: readonly JournalChunk[]): JournalStatement {
  const ordered = chunks.toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
  const values: unknown[] = [ordered.map((chunk) => chunk.runId), ordered.map((chunk) => chunk.epoch)];
  const ctes: string[] = [];
  const names: string[] = [];
  for (const part of parts) {
    const rows = ordered.flatMap((chunk) => part.rowsOf(chunk).map((row) => ({ runId: chunk.runId, row })));
    if (rows.length === 0) continue;
    names.push(part.name);
    const columns = part.columns.map(([name]) => name).join(', ');
    const types = ['uuid', ...part.columns.map(([, type]) => type)];
    const parameters = types.map((type, index) => `$${values.length + index + 1}::${type}[]`).join(', ');
    const source = `unnest(${parameters}) AS t(run_id, ${columns}) JOIN held h ON h.run_id = t.run_id`;
    ctes.push(`${part.name} AS (${part.statement(source, columns)})`);
    values.push(rows.map(({ runId }) => runId));
    for (const [, , pick] of part.columns) values.push(rows.map(({ row }) => pick(row) ?? null));
  }
  const isEnding = names.includes('ends');
  if (isEnding) ctes.push(`settled AS (${settleSql(names.includes('effects'))})`);
  const sql = `
WITH held AS MATERIALIZED (
  SELECT e.* FROM (SELECT * FROM unnest($1::uuid[], $2::int[]) AS u(run_id, epoch) ORDER BY run_id) AS mine
  CROSS JOIN LATERAL (
    SELECT run_id, organisation_id, team_id, project_id, epoch, cancel_requested_at FROM execution
    WHERE execution.run_id = mine.run_id AND execution.epoch = mine.epoch AND execution.status = 'running'
    FOR ${isEnding ? 'UPDATE' : 'SHARE'}
  ) AS e
)${ctes.map((cte) => `, ${cte}`).join('')}
SELECT run_id, cancel_requested_at IS NOT NULL AS cancel_requested,
       ${names.includes('steps') ? '(SELECT count(*)::int FROM steps)' : '0'} AS steps_written
FROM held`;
  return { name: `journal-${names.join('-')}`, sql, values };
}

/**
 * A run that is over leaves no effect open: one that was not settled is unknown. This happens when the database refused the run's
 * results, and with them the row that would have settled the effect.
 *
 * @param hasEffects  whether the same statement writes effects: no row can change twice in it
 */
function settleSql(hasEffects: boolean): string {
  const written = hasEffects
    ? ' AND NOT EXISTS (SELECT FROM effects w WHERE w.run_id = effect.run_id AND w.path = effect.path)'
    : '';
  return `
    UPDATE effect SET state = 'unknown', settled_at = ends.finished_at FROM ends
    WHERE effect.run_id = ends.run_id AND effect.state = 'intent'${written}`;
}
