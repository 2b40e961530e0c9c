import type { FlowSettings, Tenant } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { uniqueEndpoint, uniqueName } from '../domain/unique-name.js';
import type { Writes } from './tables.js';

/**
 * Finds names that are free. They stay so for the rest of the transaction, since it is the only writer of its team.
 * `except` is the id of the thing to be named: its own name is free to it.
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

  /** The same settings with the flow's name and endpoint name made free. */
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

/** Numbered names share this start, also where a long name was shortened for its number. */
function start(name: string): string {
  return name.slice(0, 180).toWellFormed();
}
