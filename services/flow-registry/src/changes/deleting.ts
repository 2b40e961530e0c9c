import { reachOf } from '@causeway/authz';
import type { InputOf, Tenant, deleteFlows, deleteProject } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { authorizeActor, authorizeOwner, mayKnow } from './authorize-actor.js';
import { type Actor, registryEvent } from '../domain/registry-event.js';
import { FileStore } from '../store/file.store.js';
import { FlowStore } from '../store/flow.store.js';
import { ProjectStore } from '../store/project.store.js';
import { TeamStore } from '../store/team.store.js';
import { type Writes, tell, tellDeleted } from '../store/tables.js';
import { Committing } from './committing.js';
import { Collecting } from '../retention/collecting.js';

/** Acts when a team is deleted: auth has decided that. */
const SYSTEM = {
  kind: 'system',
  id: 'flow-registry',
  name: 'flow-registry',
  permissions: [] as never[],
} as const;

/** Most objects of one kind that are deleted in one transaction when a team ends. */
const BATCH = 200;

/** Deletes flows with their files, and projects with their flows. Versions stay, for the runs that are pinned to them. */
@Injectable()
export class Deleting {
  constructor(
    private readonly committing: Committing,
    private readonly flows: FlowStore,
    private readonly files: FileStore,
    private readonly projects: ProjectStore,
    private readonly collecting: Collecting,
    private readonly teams: TeamStore,
  ) {}

  /**
   * Deletes those of the flows that the team has and the actor may know.
   *
   * @returns their ids
   * @throws  CausewayError PERMISSION_DENIED when the actor may know one of them, but not delete it
   */
  async deleteFlows(input: InputOf<typeof deleteFlows>): Promise<string[]> {
    const { principal, flowIds } = input;
    const change = async (writes: Writes): Promise<string[]> => {
      const ids = reachOf(principal, ['flow:write']) ? await this.among(writes, input, flowIds) : flowIds;
      return this.flowsWhere(writes, input, { id: { in: ids } });
    };
    const deleted = await this.committing.commit(principal, change, (ids) => ids);
    this.collecting.wake();
    return deleted;
  }

  /** Deletes a project with its flows. Throws PROJECT_UNKNOWN, PERMISSION_DENIED. */
  async deleteProject(input: InputOf<typeof deleteProject>): Promise<void> {
    const { principal, projectId } = input;
    const project = { type: 'project', id: projectId } as const;
    authorizeActor(input, 'project:write', project);
    authorizeActor(input, 'flow:write', project);
    const change = async (writes: Writes): Promise<string[]> => {
      const { name } = await this.projects.get(principal, projectId, writes);
      const flowIds = await this.flowsWhere(writes, input, { projectId });
      const at = new Date();
      await this.projects.delete(writes, projectId, at);
      const { organisationId, teamId } = principal;
      await tellDeleted(writes, [{ organisationId, teamId, level: 'project', objectId: projectId }]);
      const deed = { action: 'project.delete', id: projectId, name, detail: { flows: flowIds.length } };
      await tell(writes, [registryEvent(input, deed, { id: newId(), at })]);
      return flowIds;
    };
    await this.committing.commit(principal, change, (flowIds) => flowIds);
    this.collecting.wake();
  }

  /**
   * Deletes what a deleted team has, in transactions that are short: whoever is stopped goes on where it was. Nothing is written in the team
   * from the first one on, so what is found is all there is.
   */
  async endTeam(team: Tenant): Promise<void> {
    const principal = { ...SYSTEM, organisationId: team.organisationId, teamId: team.teamId };
    const actor = { principal, requestId: 'team.end' };
    await this.committing.commitEnding(team, (writes) => this.teams.end(writes, team));
    for (let flowIds = ['']; flowIds.length > 0;)
      flowIds = await this.committing.commitEnding(
        team,
        async (writes) =>
          this.flowsWhere(writes, actor, { id: { in: await this.teams.someFlows(writes, team, BATCH) } }),
        (ids) => ids,
      );
    for (let isDone = false; !isDone;)
      isDone = await this.committing.commitEnding(team, async (writes) => {
        const at = new Date();
        const deeds = await this.teams.clear(writes, team, at, BATCH);
        await tell(
          writes,
          deeds.map((deed) => registryEvent(actor, deed, { id: newId(), at })),
        );
        return deeds.length === 0;
      });
    this.collecting.wake();
  }

  /** Those of the flows that the actor may know. @throws CausewayError PERMISSION_DENIED for one that the actor may not delete */
  private async among(writes: Writes, actor: Actor, flowIds: readonly string[]): Promise<string[]> {
    const flows = await this.flows.findInTeam(writes, actor.principal, flowIds);
    const seen = flows.filter((flow) => mayKnow(actor, flow));
    for (const flow of seen) authorizeOwner(actor, 'flow:write', flow);
    return seen.map(({ id }) => id);
  }

  private async flowsWhere(
    writes: Writes,
    actor: Actor,
    where: { id?: { in: string[] }; projectId?: string },
  ): Promise<string[]> {
    const { organisationId, teamId } = actor.principal;
    const at = new Date();
    const rows = await this.flows.delete(writes, { ...where, organisationId, teamId }, at);
    const flowIds = rows.map(({ id }) => id);
    const files = await this.files.delete(writes, { organisationId, teamId, flowId: { in: flowIds } });
    const deeds = [
      ...rows.map(({ id, name }) => ({ action: 'flow.delete', id, name })),
      ...files.map(({ id, path }) => ({ action: 'file.delete', id, name: path })),
    ];
    await tell(
      writes,
      deeds.map((deed) => registryEvent(actor, deed, { id: newId(), at })),
    );
    const deleted = { organisationId, teamId, level: 'flow' } as const;
    await tellDeleted(
      writes,
      flowIds.map((objectId) => ({ ...deleted, objectId })),
    );
    return flowIds;
  }
}
