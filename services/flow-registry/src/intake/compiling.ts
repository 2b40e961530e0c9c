import { catalogue } from '@causeway/components/specs';
import type { FlowDocument } from '@causeway/dag';
import { log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { type CompiledContent, compileContent, compileVersion } from '../domain/compiled-version.js';
import { Sealing } from '../store/sealing.js';
import {
  type SealedVersion,
  type StoredFacts,
  type VersionFacts,
  VersionStore,
} from '../store/version.store.js';

/** A compiled graph that can be stored. */
export interface Draft {
  /** JSON text of the graph as drawn. */
  readonly data: string;
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
  ) {}

  /** Compiles and seals a document. A large one takes a while, so other requests are served first. */
  async draft(document: FlowDocument): Promise<Draft> {
    await new Promise((resolve) => setImmediate(resolve));
    const version = compileVersion(document, catalogue);
    const data = JSON.stringify(document.data);
    return {
      data,
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
    const compiled = compileContent(await this.versions.openContent(flowId, versionHash), catalogue);
    await this.versions.recompiled(flowId, versionHash, compiled);
    log.info({ flowId, versionHash }, 'version compiled again');
    return compiled;
  }
}
