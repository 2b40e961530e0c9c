import type { InputOf, findPinned } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** Reads from the flow's own runs only those that are older than the version's end: mostly none is left. */
const PINNED = `
SELECT EXISTS (
  SELECT FROM run WHERE run.flow_id = t.flow_id AND run.submitted_at <= t.until AND run.version_hash = coalesce(t.version_hash, run.version_hash)
) AS pinned
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) WITH ORDINALITY AS t(flow_id, version_hash, until, ord) ORDER BY ord`;

/** Which versions runs are pinned to. */
@Injectable()
export class PinnedStore {
  constructor(private readonly database: Database) {}

  /** Whether a run is kept that is pinned to it, for each in its order. */
  async find(items: InputOf<typeof findPinned>['items']): Promise<boolean[]> {
    const { rows } = await this.database.query<{ pinned: boolean }>(
      PINNED,
      [
        items.map(({ flowId }) => flowId),
        items.map(({ versionHash }) => versionHash ?? null),
        items.map(({ until }) => until),
      ],
      { name: 'find-pinned' },
    );
    return rows.map(({ pinned }) => pinned);
  }
}
