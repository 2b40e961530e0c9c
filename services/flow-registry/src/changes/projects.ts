import { checkPermitted } from '@causeway/authz';
import type { InputOf, Project, createProject, updateProject } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { authorizeActor, checkMayMove } from './authorize-actor.js';
import { cleanText } from '../domain/clean-text.js';
import { type Actor, registryEvent } from '../domain/registry-event.js';
import { NAME_LENGTH } from '../domain/unique-name.js';
import { FlowStore } from '../store/flow.store.js';
import { NameStore } from '../store/name.store.js';
import { ProjectStore } from '../store/project.store.js';
import { type Writes, tell } from '../store/tables.js';
import { Committing } from './committing.js';
import { Placing } from './placing.js';

/** Creates and changes projects. */
@Injectable()
export class Projects {
  constructor(
    private readonly committing: Committing,
    private readonly projects: ProjectStore,
    private readonly flows: FlowStore,
    private readonly names: NameStore,
    private readonly placing: Placing,
  ) {}

  /** Creates a project; a name that the team already has becomes `X (1)`. The given flows move into the project. */
  async create(input: InputOf<typeof createProject>): Promise<Project> {
    const { principal, flowIds = [] } = input;
    if (flowIds.length > 0) checkPermitted(input, ['flow:write']);
    const make = async (writes: Writes): Promise<Project> => {
      const name = await this.names.projectName(writes, principal, cleanText(input.name, NAME_LENGTH));
      const description = input.description == null ? null : cleanText(input.description, DESCRIPTION_LENGTH);
      const made = await this.placing.make(writes, input, { name, description }, flowIds);
      await this.moveIn(writes, input, made.id, flowIds);
      return made;
    };
    return this.committing.commit(principal, make, () => flowIds);
  }

  /**
   * Changes the given values that differ. With `flowIds` the project holds these flows and no others: its other flows move to
   * the team's oldest project.
   *
   * @throws CausewayError PROJECT_UNKNOWN, FLOW_UNKNOWN, PERMISSION_DENIED
   */
  async update(input: InputOf<typeof updateProject>): Promise<Project> {
    const { principal, projectId, flowIds } = input;
    authorizeActor(input, 'project:write', { type: 'project', id: projectId });
    // These flows may come from anywhere in the team.
    if (flowIds) checkPermitted(input, ['flow:write']);
    const change = async (writes: Writes): Promise<{ project: Project; moved: string[] }> => {
      const there = await this.projects.get(principal, projectId, writes);
      const wantedName = cleanText(input.name ?? there.name, NAME_LENGTH);
      const name = await this.names.projectName(writes, principal, wantedName, projectId);
      const wanted = input.description === undefined ? there.description : input.description;
      const description = wanted === null ? null : cleanText(wanted, DESCRIPTION_LENGTH);
      const left = flowIds ? await this.moveOut(writes, input, projectId, flowIds) : [];
      const came = flowIds ? await this.moveIn(writes, input, projectId, flowIds) : [];
      const changed = [
        ...(name === there.name ? [] : ['name']),
        ...(description === there.description ? [] : ['description']),
      ];
      const moves = [...left, ...came];
      if (changed.length + moves.length === 0) return { project: there, moved: moves };
      const detail = { changed, flows: moves };
      const deed = { action: 'project.update', id: projectId, name, detail };
      await tell(writes, [registryEvent(input, deed, { id: newId(), at: new Date() })]);
      return { project: await this.projects.update(writes, projectId, { name, description }), moved: moves };
    };
    return (await this.committing.commit(principal, change, ({ moved }) => moved)).project;
  }

  /** @returns ids of the flows that were moved in */
  private async moveIn(
    writes: Writes,
    actor: Actor,
    projectId: string,
    flowIds: readonly string[],
  ): Promise<string[]> {
    const flows = await this.flows.inTeam(writes, actor.principal, flowIds);
    for (const flow of flows) checkMayMove(actor, flow, projectId);
    return this.flows.move(writes, actor.principal, flows, projectId);
  }

  /** @returns ids of the flows that were moved out */
  private async moveOut(
    writes: Writes,
    actor: Actor,
    projectId: string,
    stay: readonly string[],
  ): Promise<string[]> {
    const oldest = await this.placing.place(writes, actor, {});
    if (oldest.id === projectId) return [];
    const leaving = await this.flows.inProject(writes, projectId, stay);
    return this.flows.move(writes, actor.principal, leaving, oldest.id);
  }
}

const DESCRIPTION_LENGTH = 10_000;
