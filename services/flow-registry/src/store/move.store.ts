import type { Tenant } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import type { Flow as FlowColumns } from './generated/client.js';
import type { Writes } from './tables.js';

/** A flow that is to be moved to another team. */
export type MovingFlow = Pick<
  FlowColumns,
  'id' | 'name' | 'projectId' | 'endpointName' | 'locked' | 'versionHash' | 'publishedHash' | 'allowedHosts'
> & { readonly hook: { readonly id: string } | null };

const moving = {
  id: true,
  name: true,
  projectId: true,
  endpointName: true,
  locked: true,
  versionHash: true,
  publishedHash: true,
  allowedHosts: true,
  hook: { select: { id: true } },
} as const;

/** The statements that move flows and projects to another team. */
@Injectable()
export class MoveStore {
  /** A flow of a team, or those of one of its projects. */
  flows(
    writes: Writes,
    { organisationId, teamId }: Tenant,
    which: { readonly id: string } | { readonly projectId: string },
    most = 1,
  ): Promise<MovingFlow[]> {
    return writes.flow.findMany({
      where: { organisationId, teamId, deletedAt: null, ...which },
      select: moving,
      orderBy: { id: 'asc' },
      take: most,
    });
  }

  /** A name that a project of another team has already, or an endpoint name that the team has. */
  async findTaken(
    writes: Writes,
    { teamId }: Tenant,
    projectId: string,
    flows: readonly MovingFlow[],
  ): Promise<{ readonly name?: string; readonly endpointName?: string } | undefined> {
    const ids = flows.map(({ id }) => id);
    const others = { deletedAt: null, id: { notIn: ids } };
    const names = flows.map(({ name }) => name);
    const endpoints = flows.flatMap(({ endpointName }) => endpointName ?? []);
    const rows = await writes.flow.findMany({
      where: {
        ...others,
        teamId,
        OR: [
          { projectId, name: { in: names } },
          { name: { in: endpoints } },
          { endpointName: { in: [...names, ...endpoints] } },
        ],
      },
      select: { name: true, endpointName: true, projectId: true },
    });
    const there = new Set(rows.flatMap((row) => (row.projectId === projectId ? [row.name] : [])));
    const called = new Set(rows.flatMap(({ endpointName }) => endpointName ?? []));
    const name = names.find((each) => there.has(each) || called.has(each));
    if (name !== undefined) return { name };
    const endpointName = endpoints.find((each) => called.has(each) || rows.some((row) => row.name === each));
    return endpointName === undefined ? undefined : { endpointName };
  }

  /**
   * Moves flows with their files and webhooks. The imported file stays: it may hold other flows of the former team, so an export writes
   * the flow in its present form. @returns how many files moved
   */
  async move(
    writes: Writes,
    flowIds: readonly string[],
    to: { readonly teamId: string; readonly projectId: string },
  ): Promise<number> {
    const ids = [...flowIds];
    const { teamId } = to;
    await writes.$executeRaw`
      update flow set former_team_ids = array_append(array_remove(former_team_ids, team_id), team_id)
      where id = any(${ids}::uuid[])`;
    await writes.flow.updateMany({
      where: { id: { in: ids } },
      data: { ...to, allowedHosts: [], sourceId: null, updatedAt: new Date() },
    });
    await writes.flowHook.updateMany({ where: { flowId: { in: ids } }, data: { teamId } });
    const { count } = await writes.file.updateMany({ where: { flowId: { in: ids } }, data: { teamId } });
    return count;
  }

  /** Moves a project to the top level of another team; projects below it move to that of its former team. */
  async moveProject(writes: Writes, id: string, teamId: string): Promise<void> {
    await writes.project.updateMany({ where: { parentId: id }, data: { parentId: null } });
    await writes.project.update({ where: { id }, data: { teamId, parentId: null, updatedAt: new Date() } });
  }
}
