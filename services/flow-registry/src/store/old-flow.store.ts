import { Database, type Due, type Queryable, measureRows } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { compiler } from '../domain/compiler.js';

/** A flow that was deleted. */
export interface DeletedFlow {
  readonly flowId: string;
  readonly deletedAt: Date;
}

/** A version that its flow has replaced by another. */
export interface ReplacedVersion {
  readonly flowId: string;
  readonly versionHash: string;
  readonly replacedAt: Date;
}

/** Each selects rows that are older than $1 days. */
const OLD = {
  flow: `FROM flow WHERE deleted_at < clock_timestamp() - make_interval(days => $1)`,
  version: `FROM flow_version WHERE replaced_at < clock_timestamp() - make_interval(days => $1)
    AND NOT EXISTS (SELECT FROM flow WHERE flow.id = flow_version.flow_id AND flow.published_hash = flow_version.version_hash)`,
  project: `FROM project WHERE deleted_at < clock_timestamp() - make_interval(days => $1)
    AND NOT EXISTS (SELECT FROM flow WHERE flow.project_id = project.id)`,
  source: `FROM source WHERE created_at < clock_timestamp() - make_interval(days => $1)
    AND NOT EXISTS (SELECT FROM flow WHERE flow.source_id = source.id)`,
  plan: `FROM compiled_plan WHERE compiled_by <> '${compiler}' AND created_at < clock_timestamp() - make_interval(days => $1)`,
} as const;

const OLDEST = {
  flow: 'SELECT min(deleted_at) AS oldest FROM flow',
  version: 'SELECT min(replaced_at) AS oldest FROM flow_version',
  project: 'SELECT min(deleted_at) AS oldest FROM project',
  source:
    'SELECT min(created_at) AS oldest FROM source WHERE NOT EXISTS (SELECT FROM flow WHERE flow.source_id = source.id)',
  plan: `SELECT min(created_at) AS oldest FROM compiled_plan WHERE compiled_by <> '${compiler}'`,
} as const;

const TABLES = {
  flow: 'flow',
  version: 'flow_version',
  project: 'project',
  source: 'source',
  plan: 'compiled_plan',
} as const;

/** Finds and deletes flows, versions and what belongs to them, once they are no longer needed. */
@Injectable()
export class OldFlowStore {
  constructor(private readonly database: Database) {}

  measure(what: keyof typeof OLD, days: number): Promise<Due> {
    return measureRows(this.database, {
      table: TABLES[what],
      due: `SELECT ${OLD[what]}`,
      values: [days],
      oldest: OLDEST[what],
    });
  }

  /** Flows that were deleted more than so many days ago, in the order of their ids. */
  async findDeleted(
    transaction: Queryable,
    days: number,
    after: string,
    atMost: number,
  ): Promise<DeletedFlow[]> {
    const { rows } = await transaction.query<{ id: string; deleted_at: Date }>(
      `SELECT id, deleted_at ${OLD.flow} AND id > $2 ORDER BY id LIMIT $3`,
      [days, after, atMost],
    );
    return rows.map((row) => ({ flowId: row.id, deletedAt: row.deleted_at }));
  }

  /** Deletes flows with their versions and plans, except those that were imported again meanwhile. @returns how many */
  async deleteFlows(transaction: Queryable, days: number, flowIds: readonly string[]): Promise<number> {
    const { rowCount } = await transaction.query(`DELETE ${OLD.flow} AND id = ANY($2::uuid[])`, [
      days,
      flowIds,
    ]);
    return rowCount ?? 0;
  }

  /**
   * Notes as replaced from now on what is no longer its flow's own version and has no such time: a registry of a build that does not
   * write the time has replaced it. Rows that a writer holds are left for the next pass. @returns how many
   */
  async noteReplaced(transaction: Queryable, atMost: number): Promise<number> {
    const { rowCount } = await transaction.query(
      `UPDATE flow_version SET replaced_at = clock_timestamp() WHERE (flow_id, version_hash) IN (
         SELECT v.flow_id, v.version_hash FROM flow_version v JOIN flow f ON f.id = v.flow_id
         WHERE v.replaced_at IS NULL AND f.version_hash <> v.version_hash
         LIMIT $1 FOR NO KEY UPDATE OF v, f SKIP LOCKED)`,
      [atMost],
    );
    return rowCount ?? 0;
  }

  /** Versions that were replaced more than so many days ago, in the order of their names. */
  async findReplaced(
    transaction: Queryable,
    days: number,
    after: Pick<ReplacedVersion, 'flowId' | 'versionHash'>,
    atMost: number,
  ): Promise<ReplacedVersion[]> {
    const { rows } = await transaction.query<{ flow_id: string; version_hash: string; replaced_at: Date }>(
      `SELECT flow_id, version_hash, replaced_at ${OLD.version} AND (flow_id, version_hash) > ($2::uuid, $3)
       ORDER BY flow_id, version_hash LIMIT $4`,
      [days, after.flowId, after.versionHash, atMost],
    );
    return rows.map((row) => ({
      flowId: row.flow_id,
      versionHash: row.version_hash,
      replacedAt: row.replaced_at,
    }));
  }

  /** Deletes versions with their plans, except those that their flow uses again meanwhile. @returns how many */
  async deleteVersions(
    transaction: Queryable,
    days: number,
    versions: readonly ReplacedVersion[],
  ): Promise<number> {
    const { rowCount } = await transaction.query(
      `DELETE ${OLD.version} AND (flow_id, version_hash) IN (SELECT * FROM unnest($2::uuid[], $3::text[]))`,
      [days, versions.map(({ flowId }) => flowId), versions.map(({ versionHash }) => versionHash)],
    );
    return rowCount ?? 0;
  }

  /** Deletes rows of a kind that are older than so many days and no longer needed. @returns how many */
  async delete(
    transaction: Queryable,
    what: 'project' | 'source' | 'plan',
    days: number,
    atMost: number,
  ): Promise<number> {
    const table = TABLES[what];
    const { rowCount } = await transaction.query(
      `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid ${OLD[what]} LIMIT $2))`,
      [days, atMost],
    );
    return rowCount ?? 0;
  }
}
