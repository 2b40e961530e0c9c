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
  /** A name that no flow of the project has, and that is no endpoint name in the team: a call by it would mean another flow. */
  async flowName(
    writes: Writes,
    { teamId }: Tenant,
    projectId: string,
    wanted: string,
    except: string,
  ): Promise<string> {
    const begins = { startsWith: start(wanted) };
    const rows = await writes.flow.findMany({
      where: {
        teamId,
        deletedAt: null,
        id: { not: except },
        OR: [{ projectId, name: begins }, { endpointName: begins }],
      },
      select: { projectId: true, name: true, endpointName: true },
    });
    const names = rows.filter((row) => row.projectId === projectId).map(({ name }) => name);
    return uniqueName(wanted, new Set([...names, ...rows.flatMap(({ endpointName }) => endpointName ?? [])]));
  }

  /** An endpoint name that no other flow of the team has, also not as its name: it would take the other one's calls. */
  async endpointName(writes: Writes, { teamId }: Tenant, wanted: string, except: string): Promise<string> {
    const begins = { startsWith: start(wanted) };
    const rows = await writes.flow.findMany({
      where: {
        teamId,
        deletedAt: null,
        id: { not: except },
        OR: [{ endpointName: begins }, { name: begins }],
      },
      select: { name: true, endpointName: true },
    });
    return uniqueEndpoint(
      wanted,
      new Set(rows.flatMap(({ name, endpointName }) => [name, endpointName ?? []].flat())),
    );
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
    if (name !== undefined) free.name = await this.flowName(writes, tenant, flow.projectId, name, flow.id);
    if (endpointName != null)
      free.endpointName = await this.endpointName(writes, tenant, endpointName, flow.id);
    return { ...settings, ...free };
  }
}

/** Numbered names have this beginning in common, also when a long name was shortened for its number. */
function start(name: string): string {
  return name.slice(0, 180).toWellFormed();
}
