import type { Flow, InputOf, createFlow, createFlows, updateFlow } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { cleanSettings } from '../domain/flow-settings.js';
import { GraphRoom } from '../intake/graph-room.js';
import { FlowPages } from '../answers/flow-pages.js';
import { Drafting } from '../intake/drafting.js';
import type { Writes } from '../store/tables.js';
import { Committing } from './committing.js';
import { FlowSaving, type Saved } from './flow-saving.js';
import { Placing } from './placing.js';

/** Creates and changes flows. */
@Injectable()
export class Flows {
  constructor(
    private readonly committing: Committing,
    private readonly drafting: Drafting,
    private readonly placing: Placing,
    private readonly saving: FlowSaving,
    private readonly pages: FlowPages,
    private readonly room: GraphRoom,
  ) {}

  async create(input: InputOf<typeof createFlow>): Promise<Flow> {
    const { projectId, ...settings } = cleanSettings(input.settings);
    const draft = await this.drafting.draftOf(input.data, { principal: input.principal, flowId: input.id });
    const source =
      input.source && (await this.drafting.sourceOf(input.principal, input.source, `${settings.name}.json`));
    const make = async (writes: Writes): Promise<Saved> => {
      const project = await this.placing.place(writes, input, { projectId });
      return this.saving.save(writes, input, {
        id: input.id,
        settings,
        draft,
        projectId: project.id,
        move: projectId !== undefined,
        source,
      });
    };
    const { flowId } = await this.committing.commit(input.principal, make, (saved) =>
      saved.changed ? [saved.flowId] : [],
    );
    return this.room.always(() => this.pages.get(input.principal, flowId));
  }

  /** Creates all of them or, when one is refused, none. @returns their ids */
  async createSeveral(input: InputOf<typeof createFlows>): Promise<string[]> {
    const { principal } = input;
    const drafts = await this.drafting.draftsOf(principal, input.flows);
    const make = async (writes: Writes): Promise<string[]> => {
      const made: string[] = [];
      for (const { settings, draft } of drafts) {
        const { projectId, ...rest } = cleanSettings(settings);
        const project = await this.placing.place(writes, input, { projectId });
        const wish = { settings: rest, draft, projectId: project.id, move: false };
        made.push((await this.saving.save(writes, input, wish)).flowId);
      }
      return made;
    };
    return this.committing.commit(principal, make, (flowIds) => flowIds);
  }

  async update(input: InputOf<typeof updateFlow>): Promise<Flow> {
    const { principal, flowId } = input;
    const settings = cleanSettings(input.settings);
    const draft = input.data && (await this.drafting.draftOf(input.data, { principal, flowId }));
    const change = async (writes: Writes): Promise<boolean> => {
      const { projectId } = settings;
      if (projectId !== undefined) await this.placing.place(writes, input, { projectId });
      return this.saving.update(writes, input, flowId, { settings, draft });
    };
    await this.committing.commit(principal, change, (isChanged) => (isChanged ? [flowId] : []));
    return this.room.always(() => this.pages.get(principal, flowId));
  }
}
