import { reachOf } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type { Project } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { cleanText } from '../domain/clean-text.js';
import { type Actor, registryEvent } from '../domain/registry-event.js';
import { NAME_LENGTH } from '../domain/unique-name.js';
import { NameStore } from '../store/name.store.js';
import { ProjectStore } from '../store/project.store.js';
import { type Writes, tell } from '../store/tables.js';

/** Name of the project that is created for a team without projects. */
const STARTER_PROJECT = 'Starter Project';
/** Name of a project whose file has none. */
const NEW_PROJECT = 'New Project';

/** Finds the project for a flow. */
@Injectable()
export class Placing {
  constructor(
    private readonly projects: ProjectStore,
    private readonly names: NameStore,
  ) {}

  /**
   * The named project; else the one with the name of the file's folder; else the team's oldest. The last two are created when
   * there is none; a project with a name of the caller's choice only for a caller who may create projects.
   *
   * @throws CausewayError PROJECT_UNKNOWN, PERMISSION_DENIED
   */
  async place(
    writes: Writes,
    actor: Actor,
    wanted: { projectId?: string | undefined; folder?: { name: string; description?: string } | undefined },
  ): Promise<Project> {
    const { principal } = actor;
    const { projectId, folder } = wanted;
    if (projectId !== undefined) {
      const reach = reachOf(principal, ['project:read', 'flow:write']);
      return this.projects.get({ ...principal, reach }, projectId, writes);
    }
    const folderName = folder && cleanText(folder.name, NAME_LENGTH);
    if (!folderName) {
      const found = await this.projects.findDefault(writes, principal);
      return found ?? this.make(writes, actor, { name: STARTER_PROJECT, description: null });
    }
    const found = await this.projects.findByName(writes, principal, folderName);
    if (found) return found;
    const permission = 'project:write';
    if (!principal.permissions.includes(permission)) throw causewayError('PERMISSION_DENIED', { permission });
    const description = folder?.description === undefined ? null : cleanText(folder.description, 10_000);
    return this.make(writes, actor, { name: folderName, description });
  }

  /**
   * The project for a file that is a whole project: the one of that name when all of the file's flows are in it, else a new one with a
   * free name.
   *
   * @param flowIds  ids of the file's flows, of those that have one
   * @param isAll    whether every flow of the file has an id
   * @throws CausewayError PERMISSION_DENIED
   */
  async placeProject(
    writes: Writes,
    actor: Actor,
    wanted: { name: string; description?: string | undefined },
    { flowIds, isAll }: { flowIds: readonly string[]; isAll: boolean },
  ): Promise<Project> {
    const { principal } = actor;
    const name = cleanText(wanted.name, NAME_LENGTH) || NEW_PROJECT;
    const same = await this.projects.findByName(writes, principal, name);
    if (same && isAll && (await this.projects.holds(writes, same.id, flowIds))) return same;
    const permission = 'project:write';
    if (!principal.permissions.includes(permission)) throw causewayError('PERMISSION_DENIED', { permission });
    const free = await this.names.projectName(writes, principal, name);
    const description = wanted.description === undefined ? null : cleanText(wanted.description, 10_000);
    return this.make(writes, actor, { name: free, description });
  }

  /** Creates a project whose name is free. `flowIds`: the flows that will be moved there, for the audit event. */
  async make(
    writes: Writes,
    actor: Actor,
    wanted: { name: string; description: string | null },
    flowIds: readonly string[] = [],
  ): Promise<Project> {
    const project = await this.projects.insert(writes, actor.principal, wanted);
    const deed = {
      action: 'project.create',
      id: project.id,
      name: project.name,
      detail: { flows: [...flowIds] },
    };
    await tell(writes, [registryEvent(actor, deed, { id: newId(), at: new Date() })]);
    return project;
  }
}
