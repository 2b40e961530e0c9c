import {
  type Place,
  checkPermitted,
  findMissing,
  holdsSomewhere,
  knowsTeam,
  permissionsOfRole,
  principalAt,
  principalOfShare,
  sharedPermissions,
  sharesOf,
} from '@causeway/authz';
import type { Grant, Level, Permission, Principal } from '@causeway/contracts';
import { toWireError } from '@causeway/contracts';

/** A role that somebody, a group or a team has somewhere; that of a team is a share. */
export interface Binding {
  readonly id: string;
  readonly organisationId: string;
  readonly subjectId: string;
  readonly role: string;
  readonly level: Level;
  readonly objectId: string;
  readonly teamId?: string;
}

/** A key with which one of the people acts. */
export interface Key {
  readonly id: string;
  readonly holder: Person;
  readonly teamId: string;
  readonly permissions: readonly Permission[];
  readonly madeById?: string;
}

/** A user or a service account. */
export interface Person {
  readonly kind: 'user' | 'service_account';
  readonly id: string;
  readonly organisationId: string;
  /** The only team in which a service account has roles. */
  readonly teamId: string;
}

/**
 * Who has which access, in all organisations: what auth stores. A change makes a new one, so that the one before is still there to be asked
 * while gateways may remember it.
 */
export interface Access {
  readonly bindings: readonly Binding[];
  /** The members of each group. */
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>;
  /** The permissions of custom roles, by organisation and name. */
  readonly roles: ReadonlyMap<string, readonly Permission[]>;
  readonly keys: readonly Key[];
  /** Ids of people who are disabled and of keys that are revoked. */
  readonly ended: ReadonlySet<string>;
}

/** What an answer has to be: the code of a refusal, or `ok`. */
export type Verdict = string;

/** The name of a custom role in `Access.roles`. */
export function roleKey(organisationId: string, role: string): string {
  return `${organisationId} ${role}`;
}

/** What a role allows where it is given. */
export function permissionsOf(
  { roles }: Access,
  { organisationId, role, level }: Pick<Binding, 'organisationId' | 'role' | 'level'>,
): readonly Permission[] {
  return permissionsOfRole(role, roles.get(roleKey(organisationId, role)), level);
}

/** The roles of somebody, or of a group, and of the groups that they are in. */
export function bindingsOf({ bindings, groups }: Access, id: string): Binding[] {
  const subjects = [id, ...[...groups].filter(([, members]) => members.has(id)).map(([group]) => group)];
  return bindings.filter(({ subjectId }) => subjects.includes(subjectId));
}

/** The flows that are shared with the teams in which somebody has these roles. */
function sharesWith({ bindings }: Access, own: readonly Binding[]): Binding[] {
  const teamIds = own.filter(({ level }) => level === 'team').map(({ objectId }) => objectId);
  return bindings.filter(({ subjectId }) => teamIds.includes(subjectId));
}

/** What the roles of somebody and of the groups that they are in allow, and what is shared with their teams, narrowed by a key. */
export function grantsOf(access: Access, id: string, scope?: readonly Permission[]): Grant[] {
  const own = bindingsOf(access, id);
  const isInKey = (permission: Permission): boolean => scope?.includes(permission) ?? true;
  const grantOf = ({ role, level, objectId, teamId }: Binding): Omit<Grant, 'permissions'> => ({
    role,
    level,
    objectId,
    ...(teamId !== undefined && { teamId }),
  });
  return [
    ...own.map((binding) => ({
      ...grantOf(binding),
      permissions: permissionsOf(access, binding).filter(isInKey),
    })),
    ...sharesWith(access, own).map((binding) => ({
      ...grantOf(binding),
      sharedWith: { id: binding.subjectId, name: binding.subjectId },
      permissions: sharedPermissions(permissionsOf(access, binding)).filter(isInKey),
    })),
  ];
}

/** Who acts in a request that names a flow by its id: by a share in the team that owns the flow, else in the own team. */
export function actingFor(principal: Principal, flowId: string): Principal {
  return principalOfShare(principal, { flowId }) ?? principal;
}

/** Somebody in the own team, and in each team that shares flows with them. */
export function everywhere(principal: Principal): Principal[] {
  const teamIds = new Set(sharesOf(principal).flatMap(({ teamId }) => teamId ?? []));
  return [principal, ...[...teamIds].flatMap((teamId) => principalOfShare(principal, { teamId }) ?? [])];
}

/** Who acts with a key, in the key's team; the code of the refusal when nobody can. */
export function principalOf(access: Access, key: Key): Principal | Verdict {
  if (access.ended.has(key.id)) return 'KEY_INVALID';
  const { holder, teamId } = key;
  const { kind, id, organisationId } = holder;
  const grants = grantsOf(access, id, key.permissions);
  if (access.ended.has(id) || !knowsTeam(grants, { organisationId, teamId })) return 'KEY_UNUSABLE';
  const principal = { kind, id, name: id, organisationId, teamId, permissions: [], grants };
  return { ...principalAt(principal, { teamId }), keyId: key.id };
}

/** The verdict of checks that throw: the code of the first that refuses. */
export function verdictOf(check: () => void): Verdict {
  try {
    check();
    return 'ok';
  } catch (error) {
    return toWireError(error).code;
  }
}

/** Whether a caller has a permission in the whole team of its key. */
export function mayInTeam(principal: Principal, act: Permission): Verdict {
  return verdictOf(() => checkPermitted({ principal }, [act]));
}

/** The refusal of a route that decides about a place; undefined when it lets the caller pass. */
export function refusalAnywhere(principal: Principal, act: Permission): Verdict | undefined {
  return holdsSomewhere(principal, act) ? undefined : 'PERMISSION_DENIED';
}

/** Whether a caller may give or take away a role at a place: nobody does that with more than they have there. */
export function mayGive(principal: Principal, wanted: readonly Permission[], place: Place): Verdict {
  return findMissing(principal, wanted, place) === undefined ? 'ok' : 'ROLE_TOO_WIDE';
}

/** A key with those that were made with it, directly or indirectly. */
export function treeOf(access: Access, root: Key): Key[] {
  const made = access.keys.filter(({ madeById, id }) => madeById === root.id && !access.ended.has(id));
  return [root, ...made.flatMap((one) => treeOf(access, one))];
}
