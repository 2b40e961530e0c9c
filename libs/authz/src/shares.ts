import type { Grant, ObjectGrant, Permission, Principal } from '@causeway/contracts';

/** What a share gives: the flow, and the caller's own runs of it. Chats, files and members stay with the team that owns it. */
const SHARED = /^(flow|run):/;

/** What a role allows with a flow that is shared with a team or that somebody uses from another team. Pure. */
export function sharedPermissions(permissions: readonly Permission[]): Permission[] {
  return permissions.filter((permission) => SHARED.test(permission));
}

/**
 * The grants by which a principal may use flows of other teams while it works in its own one: those of the principal itself, and those
 * that are shared with the team in which it works. Pure.
 */
export function sharesOf({ teamId, grants = [] }: Principal): Grant[] {
  return grants.filter(
    (grant) =>
      grant.level === 'flow' &&
      grant.teamId !== undefined &&
      grant.teamId !== teamId &&
      (grant.sharedWith === undefined || grant.sharedWith.id === teamId),
  );
}

/**
 * A principal as it uses flows of another team that it may use from its own one: in the team that owns them, with what the shares give and
 * nothing else. Pure.
 *
 * @param wanted  the flow, or the owning team
 * @returns       undefined when there is no such share
 */
export function principalOfShare(
  principal: Principal,
  wanted: { readonly flowId: string } | { readonly teamId: string },
): Principal | undefined {
  const isWanted = ({ objectId, teamId }: Grant): boolean =>
    'flowId' in wanted ? objectId === wanted.flowId : teamId === wanted.teamId;
  const all = sharesOf(principal).filter(isWanted);
  const [first] = all;
  if (first?.teamId === undefined) return undefined;
  // The id of a deleted flow may be that of a flow of another team one day.
  const shares = all.filter(({ teamId }) => teamId === first.teamId);
  const found = new Map<string, Permission[]>();
  for (const { objectId, permissions } of shares)
    found.set(objectId, [...(found.get(objectId) ?? []), ...sharedPermissions(permissions)]);
  const objects = [...found].map(([objectId, permissions]): ObjectGrant => ({
    level: 'flow',
    objectId,
    permissions: [...new Set(permissions)],
    ownRuns: true,
  }));
  const { objects: _objects, organisationPermissions: _organisation, ...rest } = principal;
  return { ...rest, teamId: first.teamId, permissions: [], objects };
}
