import { mayOnlyByShare, reachOf } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, Tenant, getFlowSource } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { authorizeActor } from './authorize-actor.js';
import { registryEvent } from '../domain/registry-event.js';
import type { Shown } from '../domain/shown-graph.js';
import { GraphWork } from '../intake/graph-work.js';
import { type FlowRow, FlowStore, settingsOfRow } from '../store/flow.store.js';
import { placeOfFlow } from '../store/sealing/sealed-places.js';
import { Sealing } from '../store/sealing/sealing.js';
import { type SourceFile, SourceStore } from '../store/source.store.js';
import { tell } from '../store/tables.js';
import { VariableStore } from '../store/variable.store.js';
import { Committing } from './committing.js';

/**
 * Returns flows as they were imported, with their secrets. Nothing else returns these secrets, so the audit log records each time. A file may hold
 * several flows of the team, so whoever has only some of its flows or projects gets the flow alone; by a share, without its secrets.
 */
@Injectable()
export class TakingSource {
  constructor(
    private readonly committing: Committing,
    private readonly flows: FlowStore,
    private readonly sources: SourceStore,
    private readonly sealing: Sealing,
    private readonly variables: VariableStore,
    private readonly work: GraphWork,
  ) {}

  /** The imported bytes; the exported flow when it was created or changed here, and for an actor who may not write in the whole team. Throws FLOW_UNKNOWN, PERMISSION_DENIED. */
  async source(input: InputOf<typeof getFlowSource>): Promise<ReplyOf<typeof getFlowSource>> {
    const { principal, flowId } = input;
    const row = await this.flows.find(principal, flowId);
    if (!row) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
    authorizeActor(input, 'flow:write', { type: 'flow', ...row });
    const isShared = mayOnlyByShare(principal, 'flow:write', { ...row, type: 'flow' });
    const { fileName, bytes } =
      row.sourceId === null || reachOf(principal, ['flow:write'])
        ? await this.writtenOut(row, isShared ? await this.withoutSecrets(principal) : undefined)
        : await this.sources.open(row.sourceId);
    const source = { inline: Buffer.from(bytes).toString('base64') };
    const deed = { action: 'flow.export', id: flowId, name: row.name, version: row.versionHash };
    await this.committing.commit(principal, (writes) =>
      tell(writes, [registryEvent(input, deed, { id: newId(), at: new Date() })]),
    );
    return { fileName, source };
  }

  private async withoutSecrets(tenant: Tenant): Promise<Shown> {
    return { variables: await this.variables.types(tenant), asExport: true };
  }

  private async writtenOut(row: FlowRow, how?: Shown): Promise<SourceFile> {
    const { id, lastTestedVersion } = row;
    const flow = { ...settingsOfRow(row), id, lastTestedVersion };
    const sizes = await this.flows.graphSizes([id]);
    const text = await this.work.doStored('write', sizes.get(id) ?? 0, async () => {
      const sealed = (await this.flows.graphs([id])).get(id);
      if (sealed === undefined) return undefined;
      const graph = await this.sealing.open(sealed, placeOfFlow(row.organisationId, id));
      return { input: { flow, graph, how }, graph };
    });
    if (text === undefined) throw causewayError('FLOW_UNKNOWN', { flow: id });
    return { fileName: `${row.name}.json`, bytes: Buffer.from(text) };
  }
}
