import { causewayError, cutPage, parsePageKey, writePageKey } from '@causeway/contracts';
import type { InputOf, Project, Reach, ReplyOf, Tenant, listProjects } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Project as ProjectRow } from './generated/client.js';
import { Tables, type Writes } from './tables.js';

/** The table of projects. Deleted projects are not found. */
@Injectable()
export class ProjectStore {
  constructor(private readonly tables: Tables) {}

  /** One page of the projects within the reach, oldest first. */
  async list(input: InputOf<typeof listProjects>): Promise<ReplyOf<typeof listProjects>> {
    const { page } = input;
    const key = page.after === undefined ? undefined : parsePageKey(page.after);
    const rows = await this.tables.reads.project.findMany({
      where: {
        ...liveWithin(input),
        ...(key && { OR: [{ createdAt: { gt: key.at } }, { createdAt: key.at, id: { gt: key.id } }] }),
      },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      take: page.limit + 1,
    });
    return cutPage(rows, page.limit, project, ({ createdAt, id }) =>
      writePageKey({ at: createdAt.toISOString(), id }),
    );
  }

  /** A project of a team. @throws CausewayError PROJECT_UNKNOWN, also for one outside the reach */
  async get(
    within: Tenant & { readonly reach?: Reach | undefined },
    id: string,
    reads: Writes = this.tables.reads,
  ): Promise<Project> {
    const row = await reads.project.findFirst({ where: { AND: [{ id }, liveWithin(within)] } });
    if (!row) throw causewayError('PROJECT_UNKNOWN', { projectId: id });
    return project(row);
  }

  async findByName(writes: Writes, tenant: Tenant, name: string): Promise<Project | undefined> {
    const row = await writes.project.findFirst({ where: { name, ...live(tenant) } });
    return row ? project(row) : undefined;
  }

  /** Whether all of these flows are in the project. */
  async holds(writes: Writes, projectId: string, flowIds: readonly string[]): Promise<boolean> {
    const ids = [...new Set(flowIds)];
    const count = await writes.flow.count({ where: { projectId, deletedAt: null, id: { in: ids } } });
    return ids.length > 0 && count === ids.length;
  }

  /** The project for flows without a project of their own: the team's oldest. */
  async findDefault(writes: Writes, tenant: Tenant): Promise<Project | undefined> {
    const row = await writes.project.findFirst({
      where: live(tenant),
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
    return row ? project(row) : undefined;
  }

  async insert(
    writes: Writes,
    tenant: Tenant,
    wanted: { name: string; description: string | null },
  ): Promise<Project> {
    const { organisationId, teamId } = tenant;
    return project(await writes.project.create({ data: { id: newId(), organisationId, teamId, ...wanted } }));
  }

  async update(
    writes: Writes,
    id: string,
    change: { name?: string; description?: string | null },
  ): Promise<Project> {
    return project(
      await writes.project.update({ where: { id }, data: { ...change, updatedAt: new Date() } }),
    );
  }

  /** Marks a project as deleted; projects below it move to the top level. */
  async delete(writes: Writes, id: string, now: Date): Promise<void> {
    await writes.project.updateMany({ where: { parentId: id }, data: { parentId: null } });
    await writes.project.update({ where: { id }, data: { deletedAt: now, updatedAt: now } });
  }
}

function live({ organisationId, teamId }: Tenant): {
  organisationId: string;
  teamId: string;
  deletedAt: null;
} {
  return { organisationId, teamId, deletedAt: null };
}

function liveWithin({ reach, ...tenant }: Tenant & { readonly reach?: Reach | undefined }) {
  return { ...live(tenant), ...(reach && { id: { in: reach.projectIds } }) };
}

function project(row: ProjectRow): Project {
  const { id, organisationId, teamId, name, description, parentId } = row;
  return { id, organisationId, teamId, name, description, parentId };
}
