import { log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { CompiledContent } from '../domain/compiled-version.js';
import type { StoredGraph } from '../domain/graph-tasks.js';
import { Sealing } from '../store/sealing.js';
import {
  type SealedVersion,
  type StoredFacts,
  type VersionFacts,
  VersionStore,
} from '../store/version.store.js';
import { GraphWork } from './graph-work.js';

/** A compiled graph that can be stored. */
export interface Draft {
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
   * @param stored  the stored graph whose secrets its masks stand for
   */
  async draft(graph: Uint8Array, stored: StoredGraph | undefined): Promise<Draft> {
    const larger = stored && stored.graph.length > graph.length ? stored.graph : graph;
    const { data, dataHash, version } = await this.work.do('compile', { graph, stored }, larger);
    return {
      dataHash,
      sealedData: await this.sealing.seal(data),
      version: await this.versions.seal(version),
      hasWebhook: version.hasWebhook,
    };
  }

  /** The facts about a version, by this build's compiler; from `stored` when it has compiled the version before. */
  async facts(flowId: string, versionHash: string, stored: StoredFacts | undefined): Promise<VersionFacts> {
    return stored ? this.versions.readFacts(stored) : this.renew(flowId, versionHash);
  }

  /** Compiles a stored version by this build's compiler and keeps the result. */
  async renew(flowId: string, versionHash: string): Promise<CompiledContent> {
    const content = await this.versions.openContent(flowId, versionHash);
    const compiled = await this.work.do('recompile', content, content);
    await this.versions.recompiled(flowId, versionHash, compiled);
    log.info({ flowId, versionHash }, 'version compiled again');
    return compiled;
  }
}
