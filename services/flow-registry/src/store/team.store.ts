import type { ReplyOf, Tenant, countTeam } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { Tables, type Writes } from './tables.js';

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

  /** Deletes files of no flow, variables and projects. @returns what was done, for the audit log */
  async clear(
    writes: Writes,
    { organisationId, teamId }: Tenant,
    at: Date,
  ): Promise<{ action: string; id: string; name: string }[]> {
    const where = { organisationId, teamId };
    const files = await writes.file.findMany({ where, select: { id: true, path: true, sha256: true } });
    await writes.droppedObject.createMany({
      data: [...new Set(files.map(({ sha256 }) => sha256))].map((sha256) => ({
        sha256,
        ...where,
        droppedAt: at,
      })),
      skipDuplicates: true,
    });
    await writes.file.deleteMany({ where });
    const variables = await writes.variable.findMany({ where, select: { id: true, name: true } });
    await writes.variable.deleteMany({ where });
    const projects = await writes.project.updateManyAndReturn({
      where: { ...where, deletedAt: null },
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
