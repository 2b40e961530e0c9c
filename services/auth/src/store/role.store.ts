import { type Place, builtInRoles, levelOf, permissionsOfRole, sharedPermissions } from '@causeway/authz';
import { causewayError, cutPage } from '@causeway/contracts';
import type { DeletedObject, Grant, Level, Permission, Role, RoleBinding } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { known } from '../domain/known-permissions.js';
import type { RoleBinding as BindingRow, Prisma } from './generated/client.js';
import { type Page, after, inOrder, keyOf } from './pages.js';
import { Tables, type Writes, databaseTime } from './tables.js';

const MOST_ROLES = 100;
const MOST_BINDINGS = 50;
/** Flows of others that are shared with one team. */
const MOST_SHARES = 200;

/** A user, a group, a service account or a team. */
export type Subject = RoleBinding['subject'];
export type SubjectId = Pick<Subject, 'kind' | 'id'>;

/** A user or a group, or a service account with its team. */
export interface FoundSubject extends Subject {
  readonly teamId?: string;
  readonly isDisabled: boolean;
}

/** Which role bindings are meant. */
export type BindingsWhere = Prisma.RoleBindingWhereInput & { readonly organisationId: string };

/** A role given at one place, without the name of who has it. */
export type StoredBinding = Omit<RoleBinding, 'subject'> & { readonly subject: SubjectId };

/** Roles, and who has them. */
@Injectable()
export class RoleStore {
  constructor(private readonly tables: Tables) {}

  /** The built-in roles, then the custom ones by name. */
  async list(organisationId: string): Promise<Role[]> {
    const rows = await this.tables.reads.role.findMany({
      where: { organisationId },
      orderBy: { name: 'asc' },
    });
    const builtIn = Object.entries(builtInRoles).map(([name, permissions]) => role(name, true, permissions));
    return [...builtIn, ...rows.map(({ name, permissions }) => role(name, false, known(permissions)))];
  }

  async find(
    organisationId: string,
    name: string,
    reads: Writes = this.tables.reads,
  ): Promise<Role | undefined> {
    if (Object.hasOwn(builtInRoles, name)) return role(name, true, builtInRoles[name] ?? []);
    const row = await reads.role.findFirst({ where: { organisationId, name } });
    return row ? role(name, false, known(row.permissions)) : undefined;
  }

  /** @throws CausewayError ROLE_UNKNOWN */
  async get(organisationId: string, name: string, reads?: Writes): Promise<Role> {
    const found = await this.find(organisationId, name, reads);
    if (!found) throw causewayError('ROLE_UNKNOWN', { role: name });
    return found;
  }

  /** Makes a custom role, or changes one. @throws CausewayError LIMIT_REACHED */
  async put(
    writes: Writes,
    organisationId: string,
    name: string,
    wanted: readonly Permission[],
  ): Promise<void> {
    const same = { organisationId_name: { organisationId, name } };
    if (!(await writes.role.findUnique({ where: same }))) {
      const count = await writes.role.count({ where: { organisationId } });
      if (count >= MOST_ROLES)
        throw causewayError('LIMIT_REACHED', { limit: MOST_ROLES, what: 'custom roles' });
    }
    const role = { organisationId, name, permissions: [...wanted] };
    await writes.role.upsert({
      where: same,
      create: { id: newId(), ...role, createdAt: new Date() },
      update: role,
    });
  }

  /** Removes a custom role. @throws CausewayError ROLE_IN_USE */
  async delete(writes: Writes, organisationId: string, name: string): Promise<void> {
    const count = await writes.roleBinding.count({ where: { organisationId, role: name } });
    if (count > 0) throw causewayError('ROLE_IN_USE', { role: name, count });
    await writes.role.deleteMany({ where: { organisationId, name } });
  }

  /** The roles that hold at a place, those given around it included; in a team also those in its projects and flows. Oldest first. */
  async listBindings(place: Place, page: Page): Promise<{ items: RoleBinding[]; next?: string }> {
    const { organisationId, teamId, projectId, flowId } = place;
    const ids = [organisationId, teamId, projectId, flowId].filter((id) => id !== undefined);
    const where = {
      AND: [
        {
          OR: [{ objectId: { in: ids } }, ...(levelOf(place) === 'team' ? [{ teamId: teamId ?? null }] : [])],
        },
        after(page),
      ],
    };
    const rows = await this.tables.reads.roleBinding.findMany({
      where: { organisationId, ...where },
      ...inOrder(page),
    });
    const names = await this.namesOf(rows);
    return cutPage(
      rows,
      page.limit,
      (row) => withName(bindingOf(row), names.get(row.subjectId) ?? ''),
      keyOf,
    );
  }

  /** The roles that were given to one user, group or service account itself, oldest first. */
  async bindingsOf(subjectId: string, reads: Writes = this.tables.reads): Promise<StoredBinding[]> {
    const rows = await reads.roleBinding.findMany({
      where: { subjectId },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
    return rows.map(bindingOf);
  }

  async findBinding(
    organisationId: string,
    id: string,
    reads: Writes = this.tables.reads,
  ): Promise<StoredBinding | undefined> {
    const row = await reads.roleBinding.findFirst({ where: { organisationId, id } });
    return row ? bindingOf(row) : undefined;
  }

  /**
   * Gives a role.
   *
   * @param most  how many roles one may have
   * @returns     the binding, and whether it is new
   * @throws      CausewayError LIMIT_REACHED
   */
  async bind(
    writes: Writes,
    organisationId: string,
    wanted: Pick<StoredBinding, 'subject' | 'role' | 'level' | 'objectId' | 'teamId'>,
    most = wanted.subject.kind === 'team' ? MOST_SHARES : MOST_BINDINGS,
  ): Promise<{ binding: StoredBinding; isNew: boolean }> {
    const { subject, ...where } = wanted;
    const place = { ...where, teamId: where.teamId ?? null };
    const former = await writes.roleBinding.findFirst({ where: { subjectId: subject.id, ...place } });
    if (former) return { binding: bindingOf(former), isNew: false };
    const count = await writes.roleBinding.count({ where: { subjectId: subject.id } });
    if (count >= most)
      throw causewayError('LIMIT_REACHED', { limit: most, what: `roles of this ${subject.kind}` });
    const row = await writes.roleBinding.create({
      data: {
        id: newId(),
        organisationId,
        subjectKind: subject.kind,
        subjectId: subject.id,
        ...place,
        // The same clock says when a project or a flow was deleted, and so which roles end with it.
        createdAt: await databaseTime(writes),
      },
    });
    return { binding: bindingOf(row), isNew: true };
  }

  async unbind(writes: Writes, id: string): Promise<void> {
    await writes.roleBinding.delete({ where: { id } });
  }

  /** Takes away the roles that were given in these projects and flows before they were deleted. @returns the bindings, with their holders’ names */
  async unbindAll(writes: Writes, deleted: readonly DeletedObject[]): Promise<RoleBinding[]> {
    const rows = await writes.roleBinding.findMany({
      where: {
        OR: deleted.map(({ organisationId, teamId, level, objectId, at }) => ({
          organisationId,
          teamId,
          level,
          objectId,
          createdAt: { lt: new Date(at) },
        })),
      },
    });
    const names = await this.namesOf(rows);
    await writes.roleBinding.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } });
    return rows.map((row) => withName(bindingOf(row), names.get(row.subjectId) ?? ''));
  }

  /** Takes away some of the roles that fit: at most so many. @returns the bindings, with their holders’ names; fewer than `most` when none is left */
  async unbindSome(writes: Writes, where: BindingsWhere, most: number): Promise<RoleBinding[]> {
    const rows = await writes.roleBinding.findMany({ where, orderBy: { id: 'asc' }, take: most });
    const names = await this.namesOf(rows, writes);
    await writes.roleBinding.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } });
    return rows.map((row) => withName(bindingOf(row), names.get(row.subjectId) ?? ''));
  }

  /** Which roles somebody has in a team or in something of it, each once for each level. */
  async namesIn(
    writes: Writes,
    organisationId: string,
    teamId: string,
  ): Promise<{ name: string; level: Level }[]> {
    const rows = await writes.roleBinding.findMany({
      where: { organisationId, OR: [{ level: 'team', objectId: teamId }, { teamId }] },
      distinct: ['role', 'level'],
      select: { role: true, level: true },
    });
    return rows.map(({ role: name, level }) => ({ name, level: level as Level }));
  }

  /** How many enabled users own the organisation. */
  async countOwners(writes: Writes, organisationId: string): Promise<number> {
    const owners = await writes.roleBinding.findMany({
      where: { organisationId, level: 'organisation', role: 'owner', subjectKind: 'user' },
      select: { subjectId: true },
    });
    const ids = owners.map(({ subjectId }) => subjectId);
    return writes.user.count({ where: { id: { in: ids }, disabledAt: null } });
  }

  /** What the roles of a user, a group, a service account or a team allow, wherever they hold; also those of their groups, and what is shared with their teams. */
  async grantsOf(
    organisationId: string,
    subjectId: string,
    reads: Writes = this.tables.reads,
  ): Promise<Grant[]> {
    const groups = await reads.group.findMany({
      where: { organisationId, members: { some: { userId: subjectId } } },
    });
    const nameOf = new Map(groups.map(({ id, name }) => [id, name]));
    const holders = { in: [subjectId, ...nameOf.keys()] };
    const inTeams = await reads.roleBinding.findMany({
      where: { organisationId, level: 'team', subjectId: holders },
    });
    const ids = [...holders.in, ...inTeams.map(({ objectId }) => objectId)];
    const teams = await reads.team.findMany({ where: { organisationId, id: { in: ids } } });
    const teamOf = new Map(teams.map(({ id, name }) => [id, { id, name }]));
    const bindings = await reads.roleBinding.findMany({
      where: { organisationId, subjectId: { in: ids } },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
    const roles = await reads.role.findMany({ where: { organisationId } });
    const custom = new Map(roles.map(({ name, permissions }) => [name, known(permissions)]));
    return bindings.map(({ role: name, level, objectId, teamId, subjectId: holder }) => {
      const group = nameOf.get(holder);
      const sharedWith = teamOf.get(holder);
      const permissions = permissionsOfRole(name, custom.get(name), level as Level);
      return {
        role: name,
        level: level as Level,
        objectId,
        ...(teamId !== null && { teamId }),
        ...(group !== undefined && { group }),
        ...(sharedWith && { sharedWith }),
        permissions: sharedWith ? sharedPermissions(permissions) : [...permissions],
      };
    });
  }

  /** A user, a group, a service account or a team of the organisation. */
  async findSubject(
    organisationId: string,
    { kind, id }: SubjectId,
    reads: Writes = this.tables.reads,
  ): Promise<FoundSubject | undefined> {
    if (kind === 'user') {
      const user = await reads.user.findFirst({ where: { organisationId, id, deletedAt: null } });
      return user ? { kind, id, name: user.name, isDisabled: user.disabledAt !== null } : undefined;
    }
    if (kind === 'team') {
      const team = await reads.team.findFirst({ where: { organisationId, id, deletedAt: null } });
      return team ? { kind, id, name: team.name, isDisabled: false } : undefined;
    }
    if (kind === 'group') {
      const group = await reads.group.findFirst({ where: { organisationId, id } });
      return group ? { kind, id, name: group.name, isDisabled: false } : undefined;
    }
    const account = await reads.serviceAccount.findFirst({ where: { organisationId, id, deletedAt: null } });
    if (!account) return undefined;
    return { kind, id, name: account.name, teamId: account.teamId, isDisabled: account.disabledAt !== null };
  }

  private async namesOf(
    rows: readonly BindingRow[],
    reads: Writes = this.tables.reads,
  ): Promise<Map<string, string>> {
    const where = { id: { in: rows.map(({ subjectId }) => subjectId) } };
    const [users, groups, accounts, teams] = await Promise.all([
      reads.user.findMany({ where }),
      reads.group.findMany({ where }),
      reads.serviceAccount.findMany({ where }),
      reads.team.findMany({ where }),
    ]);
    return new Map([...users, ...groups, ...accounts, ...teams].map(({ id, name }) => [id, name]));
  }
}

/** A binding with the name of who has the role. */
export function withName({ subject, ...rest }: StoredBinding, name: string): RoleBinding {
  return { ...rest, subject: { ...subject, name } };
}

function role(name: string, isBuiltIn: boolean, permissions: readonly Permission[]): Role {
  return { name, isBuiltIn, permissions: [...permissions] };
}

function bindingOf(row: BindingRow): StoredBinding {
  return {
    id: row.id,
    subject: { kind: row.subjectKind as Subject['kind'], id: row.subjectId },
    role: row.role,
    level: row.level as Level,
    objectId: row.objectId,
    ...(row.teamId !== null && { teamId: row.teamId }),
    createdAt: row.createdAt.toISOString(),
  };
}
