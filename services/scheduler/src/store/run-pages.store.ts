import { cutPage, parsePageKey, writePageKey } from '@causeway/contracts';
import type { InputOf, Reach, RunSummary, listRuns } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { runSummary } from '../domain/run-summary.js';
import { PrismaClient } from './generated/client.js';

const columns = {
  id: true,
  organisationId: true,
  teamId: true,
  projectId: true,
  flowId: true,
  versionHash: true,
  status: true,
  trigger: true,
  principalId: true,
  submittedAt: true,
  releasedAt: true,
  finishedAt: true,
  errorCode: true,
  errorMessage: true,
} as const;

/** Reads runs for the API. */
@Injectable()
export class RunPages {
  private readonly prisma: PrismaClient;

  constructor(database: Database) {
    this.prisma = new PrismaClient({ adapter: database.prismaAdapter() });
  }

  /** One run of a team, if it is within the reach; undefined when there is none. */
  async find(teamId: string, runId: string, reach?: Reach): Promise<RunSummary | undefined> {
    const where = { id: runId, teamId, ...within(reach) };
    const row = await this.prisma.run.findFirst({ where, select: columns });
    return row ? runSummary(row) : undefined;
  }

  /** A page of runs, newest first. Long error messages make the page shorter. */
  async list(filter: InputOf<typeof listRuns>): Promise<{ items: RunSummary[]; next?: string }> {
    const key = filter.page.after === undefined ? undefined : parsePageKey(filter.page.after);
    const rows = await this.prisma.run.findMany({
      select: columns,
      where: {
        teamId: filter.teamId,
        ...(filter.flowId && { flowId: filter.flowId }),
        ...(filter.status && { status: filter.status === 'running' ? 'released' : filter.status }),
        ...(filter.trigger && { trigger: filter.trigger }),
        submittedAt: {
          ...(filter.from && { gte: new Date(filter.from) }),
          ...(filter.to && { lt: new Date(filter.to) }),
        },
        AND: [
          within(filter.reach),
          key ? { OR: [{ submittedAt: { lt: key.at } }, { submittedAt: key.at, id: { lt: key.id } }] } : {},
        ],
      },
      orderBy: [{ submittedAt: 'desc' }, { id: 'desc' }],
      take: filter.page.limit + 1,
    });
    return cutPage(rows, filter.page.limit, runSummary, ({ submittedAt, id }) =>
      writePageKey({ at: submittedAt.toISOString(), id }),
    );
  }
}

/** Selects runs of flows within a reach: of these flows, of those that were in these projects when the run was submitted, and own ones of further flows. */
function within(reach: Reach | undefined) {
  if (!reach) return {};
  const { projectIds, flowIds, ownRuns } = reach;
  const own = ownRuns && { principalId: ownRuns.principalId, flowId: { in: ownRuns.flowIds } };
  return { OR: [{ projectId: { in: projectIds } }, { flowId: { in: flowIds } }, ...(own ? [own] : [])] };
}
