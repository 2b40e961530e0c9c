import type { Reach } from '@causeway/contracts';

/** SQL that selects rows of flows within a reach; `$first` and `$first+1` are `reachValues`. The table has project_id and flow_id. */
export function withinSql(first: number): string {
  return `($${first}::uuid[] IS NULL OR project_id = ANY($${first}) OR flow_id = ANY($${first + 1}::uuid[]))`;
}

/** The same for runs, of which some are within reach only for who started them; `$first` to `$first+3` are `runReachValues`. */
export function runWithinSql(first: number): string {
  const own = `(principal_id = $${first + 2}::text AND flow_id = ANY($${first + 3}::uuid[]))`;
  return `(${withinSql(first)} OR ${own})`;
}

/** The parameters of `runWithinSql`. */
export function runReachValues(
  reach: Reach | undefined,
): [...ReturnType<typeof reachValues>, principalId: string | null, ownFlowIds: string[] | null] {
  const { principalId = null, flowIds = null } = reach?.ownRuns ?? {};
  return [...reachValues(reach), principalId, flowIds];
}

/** The parameters of `withinSql`. */
export function reachValues(
  reach: Reach | undefined,
): [projectIds: string[] | null, flowIds: string[] | null] {
  return reach ? [reach.projectIds, reach.flowIds] : [null, null];
}
