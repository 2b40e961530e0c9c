import type { FlowProblem, InputOf, Project, ReplyOf, importFlows } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { settingsOfDocument } from '../domain/flow-settings.js';
import { changedByImport, sharedId } from '../domain/import-notes.js';
import { twinId } from '../domain/twin-id.js';
import type { Writes } from '../store/tables.js';
import { Committing } from './committing.js';
import { GraphRoom } from '../intake/graph-room.js';
import { FlowPages } from '../answers/flow-pages.js';
import { FlowSaving, type Saved } from './flow-saving.js';
import { Placing } from './placing.js';
import { type UnpackedFile, type UnpackedFlow, Unpacking } from '../intake/unpacking.js';

/** A flow of the upload, its file, and the result of saving it. */
interface Imported extends Saved {
  readonly flow: UnpackedFlow;
  /** The file that contains it, its number in a file of several, and its name. */
  readonly from: string;
  /** Notes about the import, in addition to those about its settings. */
  readonly notes: FlowProblem[];
}

/** Imports files of flows: all flows of a file, or none. */
@Injectable()
export class Importing {
  constructor(
    private readonly committing: Committing,
    private readonly unpacking: Unpacking,
    private readonly placing: Placing,
    private readonly saving: FlowSaving,
    private readonly pages: FlowPages,
    private readonly room: GraphRoom,
  ) {}

  /** Imports a file. The same file twice changes nothing. */
  async import(input: InputOf<typeof importFlows>): Promise<ReplyOf<typeof importFlows>> {
    const { principal } = input;
    const files = await this.unpacking.unpack(principal, input.file, input.fileName ?? 'flow.json');
    const saved = await this.committing.commit(
      principal,
      (writes) => this.saveAll(writes, input, files),
      (all) => all.filter((one) => one.changed).map(({ flowId }) => flowId),
    );
    const pages = await this.room.always(() =>
      this.pages.getAll(
        principal,
        saved.map(({ flowId }) => flowId),
      ),
    );
    const flows = pages.map((page) => {
      const own = saved.find(({ flowId }) => flowId === page.id);
      const told = own ? [...changedByImport(own.flow.document, page, own.former), ...own.notes] : [];
      return { ...page, problems: [...page.problems, ...told] };
    });
    const [projectId, ...others] = new Set(flows.map((flow) => flow.projectId));
    return { flows, ...(projectId !== undefined && others.length === 0 && { projectId }) };
  }

  private async saveAll(
    writes: Writes,
    input: InputOf<typeof importFlows>,
    files: readonly UnpackedFile[],
  ): Promise<Imported[]> {
    const imported: Imported[] = [];
    const byId = new Map<string, Imported[]>();
    const whole = input.asProject ? await this.placeWhole(writes, input, files) : undefined;
    for (const { fileName, source, folder, flows } of files) {
      const project =
        whole ?? (await this.placing.place(writes, input, { projectId: input.projectId, folder }));
      const move = input.asProject === true || input.projectId !== undefined || folder !== undefined;
      for (const [index, flow] of flows.entries()) {
        const { id, document, draft, isRestored } = flow;
        const number = flows.length > 1 ? `, flow ${index + 1}` : '';
        const from = `${fileName}${number}, ${document.name}`;
        const twins = (id !== undefined && byId.get(id)) || [];
        const twin = twins.find((one) => isSame(one.flow, flow));
        if (id !== undefined && twin) {
          twin.notes.push(sharedId(id, from, twin.from, undefined));
          continue;
        }
        const [first] = twins;
        const { lastTestedVersion } = document;
        const saved = await this.saving.save(writes, input, {
          // When two flows of one upload have the same id, the second gets another id, which is the same at each import.
          id: id !== undefined && first ? twinId(id, fileName, twins.length) : id,
          settings: settingsOfDocument(document),
          draft,
          projectId: project.id,
          move,
          source: isRestored ? undefined : source,
          lastTestedVersion,
        });
        const one: Imported = { ...saved, flow, from, notes: [] };
        if (id !== undefined && first) {
          one.notes.push(sharedId(id, from, first.from, saved.flowId));
          first.notes.push(sharedId(id, first.from, from, first.flowId));
        }
        if (id !== undefined) byId.set(id, [...twins, one]);
        imported.push(one);
      }
    }
    return imported;
  }

  /** The project for a file that is a whole project. */
  private placeWhole(
    writes: Writes,
    input: InputOf<typeof importFlows>,
    files: readonly UnpackedFile[],
  ): Promise<Project> {
    const folders = files.flatMap(({ folder }) => folder ?? []);
    const names = new Set(folders.map(({ name }) => name));
    const [folder] = names.size === 1 ? folders : [];
    const name = folder?.name ?? (input.fileName ?? '').replace(/\.(zip|json)$/i, '').trim();
    const ids = files.flatMap(({ flows }) => flows.map(({ id }) => id));
    const flowIds = ids.filter((id) => id !== undefined);
    const isAll = flowIds.length === ids.length;
    return this.placing.placeProject(
      writes,
      input,
      { name, description: folder?.description },
      { flowIds, isAll },
    );
  }
}

function isSame(one: UnpackedFlow, other: UnpackedFlow): boolean {
  const settingsOf = ({ document }: UnpackedFlow): string => JSON.stringify(settingsOfDocument(document));
  return one.draft.dataHash === other.draft.dataHash && settingsOf(one) === settingsOf(other);
}
