import { causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, getFlowSource } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { authorizeActor } from './authorize-actor.js';
import { registryEvent } from '../domain/registry-event.js';
import { GraphWork } from '../intake/graph-work.js';
import { type FlowRow, FlowStore, settingsOfRow } from '../store/flow.store.js';
import { placeOfFlow } from '../store/sealing/sealed-places.js';
import { Sealing } from '../store/sealing/sealing.js';
import { type SourceFile, SourceStore } from '../store/source.store.js';
import { tell } from '../store/tables.js';
import { Committing } from './committing.js';

/** Returns flows as they were imported, with their secrets. Nothing else returns these secrets, so the audit log records each time. */
@Injectable()
export class TakingSource {
  constructor(
    private readonly committing: Committing,
    private readonly flows: FlowStore,
    private readonly sources: SourceStore,
    private readonly sealing: Sealing,
    private readonly work: GraphWork,
  ) {}

  /** The imported bytes, or the exported flow when it was created or changed here. Throws FLOW_UNKNOWN. */
  async source(input: InputOf<typeof getFlowSource>): Promise<ReplyOf<typeof getFlowSource>> {
    const { principal, flowId } = input;
    const row = await this.flows.find(principal, flowId);
    if (!row) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
    authorizeActor(input, 'flow:write', { type: 'flow', ...row });
    const { fileName, bytes } =
      row.sourceId === null ? await this.writtenOut(row) : await this.sources.open(row.sourceId);
    const source = { inline: Buffer.from(bytes).toString('base64') };
    const deed = { action: 'flow.export', id: flowId, name: row.name, version: row.versionHash };
    await this.committing.commit(principal, (writes) =>
      tell(writes, [registryEvent(input, deed, { id: newId(), at: new Date() })]),
    );
    return { fileName, source };
  }

  private async writtenOut(row: FlowRow): Promise<SourceFile> {
    const { id, lastTestedVersion } = row;
    const flow = { ...settingsOfRow(row), id, lastTestedVersion };
    const sizes = await this.flows.graphSizes([id]);
    const text = await this.work.doStored('write', sizes.get(id) ?? 0, async () => {
      const sealed = (await this.flows.graphs([id])).get(id);
      if (sealed === undefined) return undefined;
      const graph = await this.sealing.open(sealed, placeOfFlow(row.organisationId, id));
      return { input: { flow, graph }, graph };
    });
    if (text === undefined) throw causewayError('FLOW_UNKNOWN', { flow: id });
    return { fileName: `${row.name}.json`, bytes: Buffer.from(text) };
  }
}
