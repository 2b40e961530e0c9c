import { heldOf, reachOf } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type {
  InputOf,
  Permission,
  Principal,
  Project,
  ReplyOf,
  Tenant,
  moveFlow,
  moveProject,
} from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { FlowPages } from '../answers/flow-pages.js';
import { type Actor, type Deed, registryEvent } from '../domain/registry-event.js';
import { MoveStore, type MovingFlow } from '../store/move.store.js';
import { ProjectStore } from '../store/project.store.js';
import { type Writes, tell, tellDeleted } from '../store/tables.js';
import { authorizeActor, authorizeOwner } from './authorize-actor.js';
import { Committing } from './committing.js';
import { Placing } from './placing.js';

/** What whoever moves a flow must have in its former team if they have it in the new one: else they would gain by the move that they run it, with the secrets in it, or read its files. */
const NOT_GAINED = ['flow:run', 'file:read'] as const;

/** Most flows of a project that is moved at once. */
const MOST_FLOWS = 2_000;

/** What a move changed. */
interface Outcome {
  readonly flowIds: string[];
  readonly files: number;
  readonly removedHosts: string[];
}

/** Moves flows and projects to another team. What was made in a team, such as runs, stays there. */
@Injectable()
export class Moving {
  constructor(
    private readonly committing: Committing,
    private readonly store: MoveStore,
    private readonly projects: ProjectStore,
    private readonly placing: Placing,
    private readonly pages: FlowPages,
  ) {}

  /** Moves one flow. Throws what the contract names. */
  async moveFlow(input: InputOf<typeof moveFlow>): Promise<ReplyOf<typeof moveFlow>> {
    const there = actorIn(input);
    const { flowId, projectId } = input;
    const { files, removedHosts } = await this.commit(input, there, async (writes) => {
      const [flow] = await this.store.flows(writes, input.principal, { id: flowId });
      if (!flow) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
      authorizeOwner(input, 'flow:write', flow);
      const project = await this.placing.place(writes, there, { projectId });
      return this.move(writes, input, there, [flow], project);
    });
    return { files, removedHosts, flow: await this.pages.get(there.principal, flowId) };
  }

  /** Moves a project with its flows. Throws what the contract names. */
  async moveProject(input: InputOf<typeof moveProject>): Promise<ReplyOf<typeof moveProject>> {
    const there = actorIn(input);
    const { projectId } = input;
    const object = { type: 'project', id: projectId } as const;
    authorizeActor(input, 'project:write', object);
    authorizeActor(input, 'flow:write', object);
    checkInTeam(there.principal, 'project:write');
    const { files, removedHosts, flowIds } = await this.commit(input, there, async (writes) => {
      const project = await this.projects.get(input.principal, projectId, writes);
      if (await this.projects.findByName(writes, there.principal, project.name))
        throw causewayError('PROJECT_NAME_TAKEN', { name: project.name });
      const flows = await this.store.flows(writes, input.principal, { projectId }, MOST_FLOWS + 1);
      if (flows.length > MOST_FLOWS)
        throw causewayError('MOVE_REFUSED', {
          problem: `the project has more than ${MOST_FLOWS} flows; move some of them first`,
        });
      await this.store.moveProject(writes, projectId, there.principal.teamId);
      const outcome = await this.move(writes, input, there, flows, project);
      await this.tell(writes, input, there, [
        { action: 'project.move', id: projectId, name: project.name, detail: { flows: flows.length } },
      ]);
      await tellDeleted(writes, [endedRoles(input.principal, 'project', projectId)]);
      return outcome;
    });
    return { files, removedHosts, flows: flowIds.length };
  }

  private commit(
    { principal, toTeamId }: Asked,
    there: Actor,
    fn: (writes: Writes) => Promise<Outcome>,
  ): Promise<Outcome> {
    if (toTeamId === principal.teamId)
      throw causewayError('MOVE_REFUSED', { problem: 'it already belongs to that team' });
    const teamIds = [principal.teamId, there.principal.teamId] as const;
    return this.committing.commitBoth(principal.organisationId, teamIds, fn, ({ flowIds }) => flowIds);
  }

  /** Moves flows of the actor's team into a project of the other one, or none of them. */
  private async move(
    writes: Writes,
    actor: Asked,
    there: Actor,
    flows: readonly MovingFlow[],
    project: Project,
  ): Promise<Outcome> {
    for (const flow of flows) {
      const held = heldOf(there.principal, {
        ...there.principal,
        type: 'flow',
        id: flow.id,
        projectId: project.id,
      });
      const needed = [...neededFor(flow), ...NOT_GAINED.filter((permission) => held.includes(permission))];
      for (const permission of needed) authorizeOwner(actor, permission, flow);
      for (const permission of [...neededFor(flow), ...(flow.hook ? (['flow:run'] as const) : [])])
        checkInProject(there.principal, permission, project.id);
      if (flow.locked) throw causewayError('FLOW_LOCKED', { name: flow.name });
    }
    await this.checkNamesFree(writes, there.principal, flows, project);
    const flowIds = flows.map(({ id }) => id);
    const files = await this.store.move(writes, flowIds, {
      teamId: there.principal.teamId,
      projectId: project.id,
    });
    await this.tell(
      writes,
      actor,
      there,
      flows.map(({ id, name, versionHash, allowedHosts, hook }) => ({
        action: 'flow.move',
        id,
        name,
        version: versionHash,
        detail: { removedHosts: allowedHosts, ...(hook && { webhook: 'moved' }) },
      })),
    );
    // Shares and further roles that were given in the flow end with its time in the team.
    await tellDeleted(
      writes,
      flowIds.map((id) => endedRoles(actor.principal, 'flow', id)),
    );
    return { flowIds, files, removedHosts: [...new Set(flows.flatMap(({ allowedHosts }) => allowedHosts))] };
  }

  /** @throws CausewayError FLOW_NAME_TAKEN, ENDPOINT_TAKEN */
  private async checkNamesFree(
    writes: Writes,
    tenant: Tenant,
    flows: readonly MovingFlow[],
    project: Project,
  ): Promise<void> {
    const taken = await this.store.findTaken(writes, tenant, project.id, flows);
    if (taken?.name !== undefined)
      throw causewayError('FLOW_NAME_TAKEN', { name: taken.name, project: project.name });
    if (taken?.endpointName !== undefined)
      throw causewayError('ENDPOINT_TAKEN', { endpointName: taken.endpointName });
  }

  /** Tells both teams. */
  private tell(writes: Writes, actor: Asked, there: Actor, deeds: readonly Deed[]): Promise<void> {
    const at = new Date();
    const teams = { from: actor.principal.teamId, to: there.principal.teamId };
    return tell(
      writes,
      deeds.flatMap(({ detail, ...deed }) =>
        [actor, there].map((of) =>
          registryEvent(of, { ...deed, detail: { ...teams, ...detail } }, { id: newId(), at }),
        ),
      ),
    );
  }
}

type Asked = Actor & { readonly toTeamId: string };

/** The actor in the team to which it moves something, with what it may do there. @throws CausewayError PERMISSION_DENIED */
function actorIn({ principal, requestId, toTeamId }: Asked): Actor {
  const { other, objects: _objects, ...rest } = principal;
  if (toTeamId === principal.teamId) return { principal, requestId };
  if (other?.teamId !== toTeamId) throw causewayError('PERMISSION_DENIED', { permission: 'flow:write' });
  return { principal: { ...rest, ...other }, requestId };
}

function neededFor({ publishedHash }: MovingFlow): Permission[] {
  return ['flow:write', ...(publishedHash === null ? [] : (['flow:publish'] as const))];
}

function checkInTeam({ permissions }: Principal, permission: Permission): void {
  if (!permissions.includes(permission)) throw causewayError('PERMISSION_DENIED', { permission });
}

function checkInProject(principal: Principal, permission: Permission, projectId: string): void {
  const reach = reachOf(principal, [permission]);
  if (reach && !reach.projectIds.includes(projectId))
    throw causewayError('PERMISSION_DENIED', { permission });
}

function endedRoles({ organisationId, teamId }: Tenant, level: 'flow' | 'project', objectId: string) {
  return { organisationId, teamId, level, objectId };
}
