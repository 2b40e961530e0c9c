import type { InputOf, ReplyOf, importFlows } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { settingsOfDocument } from '../domain/flow-settings.js';
import { Tables, type Writes } from '../store/tables.js';
import { Announcing } from './announcing.js';
import { FlowPages } from './flow-pages.js';
import { FlowSaving, type Saved } from './flow-saving.js';
import { Placing } from './placing.js';
import { type UnpackedFile, Unpacking } from './unpacking.js';

/** Takes in files of flows: all of a file, or nothing. */
@Injectable()
export class Importing {
  constructor(
    private readonly tables: Tables,
    private readonly unpacking: Unpacking,
    private readonly placing: Placing,
    private readonly saving: FlowSaving,
    private readonly pages: FlowPages,
    private readonly announcing: Announcing,
  ) {}

  /** Imports a file. The same file twice changes nothing. */
  async import(input: InputOf<typeof importFlows>): Promise<ReplyOf<typeof importFlows>> {
    const { principal } = input;
    const files = await this.unpacking.unpack(principal, input.file, input.fileName ?? 'flow.json');
    const saved = await this.tables.write(principal.teamId, (writes) => this.saveAll(writes, input, files));
    const changed = saved.filter((one) => one.changed).map(({ flowId }) => flowId);
    this.announcing.flowsChanged(principal, changed);
    const flows = await this.pages.getAll(
      principal,
      saved.map(({ flowId }) => flowId),
    );
    const [projectId, ...others] = new Set(flows.map((flow) => flow.projectId));
    return { flows, ...(projectId !== undefined && others.length === 0 && { projectId }) };
  }

  private async saveAll(
    writes: Writes,
    input: InputOf<typeof importFlows>,
    files: readonly UnpackedFile[],
  ): Promise<Saved[]> {
    const saved: Saved[] = [];
    const ids = new Set<string>();
    for (const { source, folder, flows } of files) {
      const project = await this.placing.place(writes, input, { projectId: input.projectId, folder });
      const move = input.projectId !== undefined || folder !== undefined;
      for (const { id, document, draft, isRestored } of flows) {
        // Two flows under one id in one upload are two flows: the second gets an id of its own.
        const wish = {
          id: id !== undefined && ids.has(id) ? undefined : id,
          settings: settingsOfDocument(document),
          draft,
        };
        if (id !== undefined) ids.add(id);
        const { lastTestedVersion } = document;
        saved.push(
          await this.saving.save(writes, input, {
            ...wish,
            projectId: project.id,
            move,
            source: isRestored ? undefined : source,
            lastTestedVersion,
          }),
        );
      }
    }
    return saved;
  }
}
