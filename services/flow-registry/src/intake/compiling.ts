import { log } from '@causeway/platform';
import { placeOfFlow } from '../store/sealing/sealed-places.js';
import type { Flow } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import type { CompiledContent } from '../domain/compiled-version.js';
import type { StoredGraph } from '../domain/graph-tasks.js';
import { Sealing } from '../store/sealing/sealing.js';
import {
  type SealedVersion,
  type StoredFacts,
  type VersionFacts,
  VersionStore,
} from '../store/version.store.js';
import { GraphWork } from './graph-work.js';

/** A compiled graph that can be stored. */
export interface Draft {
  /** The flow for which it is sealed: the one that it changes, or a new one. */
  readonly flowId: string;
  /** SHA-256 of the JSON text of the graph as drawn. */
  readonly dataHash: string;
  readonly sealedData: string;
  readonly version: SealedVersion;
  readonly hasWebhook: boolean;
}

/** Compiles graphs against the catalogue of this build. */
@Injectable()
export class Compiling {
  constructor(
    private readonly versions: VersionStore,
    private readonly sealing: Sealing,
    private readonly work: GraphWork,
  ) {}

  /**
   * Compiles and seals a graph.
   *
   * @param graph   its JSON, in UTF-8
   * @param of      the flow that it becomes
   * @param stored  the stored graph whose secrets its masks stand for
   */
  async draft(
    graph: Uint8Array,
    { organisationId, flowId }: { readonly organisationId: string; readonly flowId: string },
    stored: StoredGraph | undefined,
  ): Promise<Draft> {
    const larger = stored && stored.graph.length > graph.length ? stored.graph : graph;
    const { data, dataHash, version } = await this.work.do('compile', { graph, stored }, larger);
    return {
      flowId,
      dataHash,
      sealedData: await this.sealing.seal(data, placeOfFlow(organisationId, flowId)),
      version: await this.versions.seal(version, organisationId, flowId),
      hasWebhook: version.hasWebhook,
    };
  }

  /** A draft, sealed for another flow than the one for which it was made: that one's id was taken. */
  async move(draft: Draft, organisationId: string, flowId: string): Promise<Draft> {
    const { flowId: from, sealedData, version } = draft;
    if (from === flowId) return draft;
    const [here, there] = [placeOfFlow(organisationId, from), placeOfFlow(organisationId, flowId)];
    return {
      ...draft,
      flowId,
      sealedData: await this.sealing.move(sealedData, here, there),
      version: await this.versions.move(version, organisationId, from, flowId),
    };
  }

  /** The facts about a version, by this build's compiler; from `stored` when it has compiled the version before. */
  async facts(
    { id: flowId, organisationId, versionHash }: Pick<Flow, 'id' | 'organisationId' | 'versionHash'>,
    stored: StoredFacts | undefined,
  ): Promise<VersionFacts> {
    return stored
      ? this.versions.readFacts(organisationId, { flowId, versionHash }, stored)
      : this.renew(flowId, versionHash);
  }

  /** Compiles a stored version by this build's compiler and keeps the result. */
  async renew(flowId: string, versionHash: string): Promise<CompiledContent> {
    const { content, organisationId } = await this.versions.openContent(flowId, versionHash);
    const compiled = await this.work.do('recompile', content, content);
    await this.versions.recompiled(organisationId, { flowId, versionHash }, compiled);
    log.info({ flowId, versionHash }, 'version compiled again');
    return compiled;
  }
}
