import type { FlowSettings, Reach, Tenant } from '@causeway/contracts';
import { causewayError } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { cleanText } from '../domain/clean-text.js';
import { compiler } from '../domain/compiler.js';
import { NAME_LENGTH } from '../domain/unique-name.js';
import type { Flow as FlowColumns, Prisma } from './generated/client.js';
import { NameStore } from './name.store.js';
import { Tables, type Writes } from './tables.js';
import type { StoredFacts } from './version.store.js';

/** A flow without its graph, with the plan of this build's compiler for its version; none before it has compiled it. */
export type FlowRow = Omit<FlowColumns, 'data'> & {
  readonly current: { readonly compiled: readonly StoredFacts[] };
};

/** Selects flows of a team. */
export interface FlowFilter extends Tenant {
  readonly reach?: Reach | undefined;
  /** Of that, only this. */
  readonly only?: Reach | undefined;
  readonly projectId?: string | undefined;
  readonly flowIds?: readonly string[] | undefined;
  readonly componentsOnly: boolean;
  readonly flowsOnly: boolean;
  readonly search?: string | undefined;
  readonly page: number;
  readonly size: number;
}

/** A flow and the project it is in. */
export interface PlacedFlow {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
}

const placed = { id: true, name: true, projectId: true } as const;

const header = {
  omit: { data: true },
  include: {
    current: {
      select: {
        compiled: { where: { compiledBy: compiler }, select: { problems: true, variableUses: true } },
      },
    },
  },
} as const;

/** The table of flows. Only `findEver` finds deleted flows. */
@Injectable()
export class FlowStore {
  constructor(
    private readonly tables: Tables,
    private readonly names: NameStore,
  ) {}

  /** A flow of a team, if it is within the reach. */
  async find(tenant: Tenant, id: string, reach?: Reach): Promise<FlowRow | undefined> {
    const where = { id, ...live(tenant), ...within(reach) };
    return (await this.tables.reads.flow.findFirst({ ...header, where })) ?? undefined;
  }

  async list(filter: FlowFilter): Promise<{ rows: FlowRow[]; total: number }> {
    const where: Prisma.FlowWhereInput = {
      ...live(filter),
      ...(filter.projectId !== undefined && { projectId: filter.projectId }),
      ...(filter.flowIds && { id: { in: [...filter.flowIds] } }),
      AND: [
        within(filter.reach),
        within(filter.only),
        filter.componentsOnly ? { isComponent: true } : {},
        filter.flowsOnly ? { isComponent: false } : {},
        filter.search ? { name: { contains: likeText(filter.search), mode: 'insensitive' } } : {},
      ],
    };
    const [rows, total] = await Promise.all([
      this.tables.reads.flow.findMany({
        ...header,
        where,
        orderBy: [{ updatedAt: 'desc' }, { id: 'desc' }],
        skip: (filter.page - 1) * filter.size,
        take: filter.size,
      }),
      this.tables.reads.flow.count({ where }),
    ]);
    return { rows, total };
  }

  /** Sealed graphs by flow id. */
  async graphs(ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.tables.reads.flow.findMany({
      where: { id: { in: [...ids] } },
      select: { id: true, data: true },
    });
    return new Map(rows.map(({ id, data }) => [id, data]));
  }

  /** Sizes of sealed graphs by flow id, in bytes. They are known without reading the graphs. */
  async graphSizes(ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.tables.reads.$queryRaw<{ id: string; bytes: number }[]>`
      select id::text, octet_length(data) as bytes from flow where id = any(${[...ids]}::uuid[])`;
    return new Map(rows.map(({ id, bytes }) => [id, bytes]));
  }

  /** A flow by id, also a deleted one and one of another team. */
  async findEver(writes: Writes, id: string): Promise<FlowColumns | undefined> {
    return (await writes.flow.findUnique({ where: { id } })) ?? undefined;
  }

  /**
   * The given flows of a team, with their projects.
   *
   * @throws CausewayError FLOW_UNKNOWN for an id that the team does not have
   */
  async inTeam(writes: Writes, tenant: Tenant, ids: readonly string[]): Promise<PlacedFlow[]> {
    const rows = await this.findInTeam(writes, tenant, ids);
    const missing = ids.find((id) => !rows.some((row) => row.id === id));
    if (missing !== undefined) throw causewayError('FLOW_UNKNOWN', { flow: missing });
    return rows;
  }

  /** Those of the flows that a team has, with their projects. */
  async findInTeam(writes: Writes, tenant: Tenant, ids: readonly string[]): Promise<PlacedFlow[]> {
    return writes.flow.findMany({ where: { id: { in: [...ids] }, ...live(tenant) }, select: placed });
  }

  /** The flows of a project except the given ones. */
  async inProject(writes: Writes, projectId: string, except: readonly string[]): Promise<PlacedFlow[]> {
    return writes.flow.findMany({
      where: { projectId, deletedAt: null, id: { notIn: [...except] } },
      select: placed,
    });
  }

  /** Moves flows to a project, under names that are free there. @returns ids of those that were in another project */
  async move(
    writes: Writes,
    tenant: Tenant,
    flows: readonly PlacedFlow[],
    projectId: string,
  ): Promise<string[]> {
    const moving = flows.filter((flow) => flow.projectId !== projectId);
    for (const { id, name } of moving) {
      const free = await this.names.flowName(writes, tenant, projectId, name, id);
      await writes.flow.update({
        where: { id },
        data: { projectId, name: free, updatedAt: new Date() },
        select: { id: true },
      });
    }
    return moving.map(({ id }) => id);
  }

  /** Marks flows as deleted. Versions stay. */
  async delete(
    writes: Writes,
    where: Prisma.FlowWhereInput & Tenant,
    now: Date,
  ): Promise<{ id: string; name: string }[]> {
    return writes.flow.updateManyAndReturn({
      where: { ...where, deletedAt: null },
      data: { deletedAt: now, updatedAt: now },
      select: { id: true, name: true },
    });
  }
}

/** The settings in a row. */
export function settingsOfRow(row: Omit<FlowColumns, 'data'>): FlowSettings {
  return {
    name: row.name,
    description: row.description,
    icon: row.icon,
    iconBgColor: row.iconBgColor,
    gradient: row.gradient,
    endpointName: row.endpointName,
    isComponent: row.isComponent,
    webhook: row.webhook,
    tags: row.tags,
    locked: row.locked,
    mcpEnabled: row.mcpEnabled,
    actionName: row.actionName,
    actionDescription: row.actionDescription,
    // A check in the database allows only these two values.
    accessType: row.accessType as FlowSettings['accessType'],
    projectId: row.projectId,
  };
}

/** Settings as columns, in which tags are never null. */
export function settingColumns<S extends Partial<FlowSettings>>(
  settings: S,
): Omit<S, 'tags'> & { tags?: string[] } {
  const { tags, ...others } = settings;
  return { ...others, ...(tags !== undefined && { tags: tags ?? [] }) };
}

function live({ organisationId, teamId }: Tenant): {
  organisationId: string;
  teamId: string;
  deletedAt: null;
} {
  return { organisationId, teamId, deletedAt: null };
}

function within(reach: Reach | undefined): Prisma.FlowWhereInput {
  if (!reach) return {};
  return { OR: [{ projectId: { in: reach.projectIds } }, { id: { in: reach.flowIds } }] };
}

/** Escapes a text, so that LIKE finds it literally. */
function likeText(text: string): string {
  return cleanText(text, NAME_LENGTH).replace(/[\\%_]/g, '\\$&');
}
