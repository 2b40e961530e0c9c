import type { Reach } from '@causeway/contracts';

/** SQL that selects rows of flows within a reach; `$first` and `$first+1` are `reachValues`. The table has project_id and flow_id. */
export function withinSql(first: number): string {
  return `($${first}::uuid[] IS NULL OR project_id = ANY($${first}) OR flow_id = ANY($${first + 1}::uuid[]))`;
}

/** The parameters of `withinSql`. */
export function reachValues(
  reach: Reach | undefined,
): [projectIds: string[] | null, flowIds: string[] | null] {
  return reach ? [reach.projectIds, reach.flowIds] : [null, null];
}
