import type { FlowSettings, Tenant } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { uniqueEndpoint, uniqueName } from '../domain/unique-name.js';
import type { Writes } from './tables.js';

/**
 * Finds names that are free. They stay free for the rest of the transaction, since it is the only writer of its team.
 * `except` is the id of the object to be named: its own name counts as free.
 */
@Injectable()
export class NameStore {
  async flowName(writes: Writes, projectId: string, wanted: string, except: string): Promise<string> {
    const rows = await writes.flow.findMany({
      where: { projectId, deletedAt: null, name: { startsWith: start(wanted) }, id: { not: except } },
      select: { name: true },
    });
    return uniqueName(wanted, new Set(rows.map(({ name }) => name)));
  }

  async endpointName(writes: Writes, { teamId }: Tenant, wanted: string, except: string): Promise<string> {
    const rows = await writes.flow.findMany({
      where: { teamId, deletedAt: null, endpointName: { startsWith: start(wanted) }, id: { not: except } },
      select: { endpointName: true },
    });
    return uniqueEndpoint(wanted, new Set(rows.flatMap(({ endpointName }) => endpointName ?? [])));
  }

  async projectName(writes: Writes, { teamId }: Tenant, wanted: string, except?: string): Promise<string> {
    const rows = await writes.project.findMany({
      where: {
        teamId,
        deletedAt: null,
        name: { startsWith: start(wanted) },
        ...(except !== undefined && { id: { not: except } }),
      },
      select: { name: true },
    });
    return uniqueName(wanted, new Set(rows.map(({ name }) => name)));
  }

  /** The same settings with a free name and a free endpoint name for the flow. */
  async freeSettings<S extends Partial<FlowSettings>>(
    writes: Writes,
    tenant: Tenant,
    flow: { id: string; projectId: string },
    settings: S,
  ): Promise<S> {
    const { name, endpointName } = settings;
    const free: Partial<FlowSettings> = {};
    if (name !== undefined) free.name = await this.flowName(writes, flow.projectId, name, flow.id);
    if (endpointName != null)
      free.endpointName = await this.endpointName(writes, tenant, endpointName, flow.id);
    return { ...settings, ...free };
  }
}

/** Numbered names have this beginning in common, also when a long name was shortened for its number. */
function start(name: string): string {
  return name.slice(0, 180).toWellFormed();
}
