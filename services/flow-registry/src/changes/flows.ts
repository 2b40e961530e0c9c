import type { Flow, InputOf, createFlow, createFlows, updateFlow } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { cleanSettings } from '../domain/flow-settings.js';
import { SourceStore } from '../store/source.store.js';
import { Tables } from '../store/tables.js';
import { Announcing } from './announcing.js';
import { Drafting } from '../intake/drafting.js';
import { FlowPages } from '../answers/flow-pages.js';
import { FlowSaving } from './flow-saving.js';
import { Placing } from './placing.js';

/** Makes and changes flows. */
@Injectable()
export class Flows {
  constructor(
    private readonly tables: Tables,
    private readonly sources: SourceStore,
    private readonly drafting: Drafting,
    private readonly placing: Placing,
    private readonly saving: FlowSaving,
    private readonly pages: FlowPages,
    private readonly announcing: Announcing,
  ) {}

  async create(input: InputOf<typeof createFlow>): Promise<Flow> {
    const { projectId, ...settings } = cleanSettings(input.settings);
    const draft = await this.drafting.draftOf(input.data, { tenant: input.principal, flowId: input.id });
    const source = input.source && {
      fileName: `${settings.name}.json`,
      bytes: await this.drafting.bytesOf(input.source),
    };
    const sealed = source && (await this.sources.seal(source));
    const { flowId, changed } = await this.tables.write(input.principal.teamId, async (writes) => {
      const project = await this.placing.place(writes, input, { projectId });
      return this.saving.save(writes, input, {
        id: input.id,
        settings,
        draft,
        projectId: project.id,
        move: projectId !== undefined,
        source: sealed,
      });
    });
    if (changed) this.announcing.flowsChanged(input.principal, [flowId]);
    return this.pages.get(input.principal, flowId);
  }

  /** Makes all of them or, when one is refused, none; answers with their ids. */
  async createSeveral(input: InputOf<typeof createFlows>): Promise<string[]> {
    const { principal } = input;
    const drafts = await this.drafting.draftsOf(principal, input.flows);
    const flowIds = await this.tables.write(principal.teamId, async (writes) => {
      const made: string[] = [];
      for (const { settings, draft } of drafts) {
        const { projectId, ...rest } = cleanSettings(settings);
        const project = await this.placing.place(writes, input, { projectId });
        const wish = { settings: rest, draft, projectId: project.id, move: false };
        made.push((await this.saving.save(writes, input, wish)).flowId);
      }
      return made;
    });
    this.announcing.flowsChanged(principal, flowIds);
    return flowIds;
  }

  async update(input: InputOf<typeof updateFlow>): Promise<Flow> {
    const { principal, flowId } = input;
    const settings = cleanSettings(input.settings);
    const draft = input.data && (await this.drafting.draftOf(input.data, { tenant: principal, flowId }));
    const changed = await this.tables.write(principal.teamId, async (writes) => {
      const { projectId } = settings;
      if (projectId !== undefined) await this.placing.place(writes, input, { projectId });
      return this.saving.update(writes, input, flowId, { settings, draft });
    });
    if (changed) this.announcing.flowsChanged(principal, [flowId]);
    return this.pages.get(principal, flowId);
  }
}
