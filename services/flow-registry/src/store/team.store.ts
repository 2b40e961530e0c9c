import type { ReplyOf, Tenant, countTeam } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { Tables, type Writes } from './tables.js';

/** A caller may be known as a member of a deleted team for 30 s; a message may come much later. */
const KEPT_DAYS = 7;

/** What a team has as a whole. */
@Injectable()
export class TeamStore {
  constructor(private readonly tables: Tables) {}

  /** The project that every team gets does not count. */
  async count({ organisationId, teamId }: Tenant): Promise<ReplyOf<typeof countTeam>> {
    const where = { organisationId, teamId };
    const { flow, project, variable, file } = this.tables.reads;
    const [flows, projects, variables, files] = await Promise.all([
      flow.count({ where: { ...where, deletedAt: null } }),
      project.count({ where: { ...where, deletedAt: null } }),
      variable.count({ where }),
      file.count({ where }),
    ]);
    return { flows, projects: Math.max(0, projects - 1), variables, files };
  }

  /** From now on nothing is written in the team, and nobody reaches its webhooks. */
  async end(writes: Writes, { organisationId, teamId }: Tenant): Promise<void> {
    const earlier = new Date(Date.now() - KEPT_DAYS * 86_400_000);
    await writes.endedTeam.deleteMany({ where: { endedAt: { lt: earlier } } });
    await writes.endedTeam.createMany({ data: [{ organisationId, teamId }], skipDuplicates: true });
    await writes.flowHook.deleteMany({ where: { organisationId, teamId } });
  }

  /** Ids of some flows that the team has. */
  async someFlows(writes: Writes, { organisationId, teamId }: Tenant, atMost: number): Promise<string[]> {
    const where = { organisationId, teamId, deletedAt: null };
    return idsOf(await writes.flow.findMany({ where, select: { id: true }, take: atMost }));
  }

  /** Deletes some files of no flow, variables and projects. @returns what was done, for the audit log: nothing when there are none */
  async clear(
    writes: Writes,
    { organisationId, teamId }: Tenant,
    at: Date,
    take: number,
  ): Promise<{ action: string; id: string; name: string }[]> {
    const where = { organisationId, teamId };
    const files = await writes.file.findMany({
      where,
      select: { id: true, path: true, sha256: true },
      take,
    });
    await writes.droppedObject.createMany({
      data: [...new Set(files.map(({ sha256 }) => sha256))].map((sha256) => ({
        sha256,
        ...where,
        droppedAt: at,
      })),
      skipDuplicates: true,
    });
    await writes.file.deleteMany({ where: { id: { in: idsOf(files) } } });
    const variables = await writes.variable.findMany({ where, select: { id: true, name: true }, take });
    await writes.variable.deleteMany({ where: { id: { in: idsOf(variables) } } });
    const found = await writes.project.findMany({
      where: { ...where, deletedAt: null },
      select: { id: true },
      take,
    });
    const projects = await writes.project.updateManyAndReturn({
      where: { id: { in: idsOf(found) } },
      data: { deletedAt: at, updatedAt: at },
      select: { id: true, name: true },
    });
    return [
      ...files.map(({ id, path }) => ({ action: 'file.delete', id, name: path })),
      ...variables.map(({ id, name }) => ({ action: 'variable.delete', id, name })),
      ...projects.map(({ id, name }) => ({ action: 'project.delete', id, name })),
    ];
  }
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}
