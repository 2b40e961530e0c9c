import { catalogue, specs } from '@causeway/components/specs';
import { compilerName } from '@causeway/dag';
import type { FlowDocument } from '@causeway/dag';
import { log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { type CompiledContent, compileContent, compileVersion, sha256 } from '../domain/compiled-version.js';
import { Sealing } from '../store/sealing.js';
import {
  type SealedVersion,
  type StoredFacts,
  type VersionFacts,
  VersionStore,
  readFacts,
} from '../store/version.store.js';

/** A graph ready to be written. */
export interface Draft {
  /** JSON text of the graph as it is drawn. */
  readonly data: string;
  readonly sealedData: string;
  readonly version: SealedVersion;
  readonly hasWebhook: boolean;
}

/** Compiles graphs against the catalogue of this build. */
@Injectable()
export class Compiling {
  /** Names this build's compiler and catalogue; plans of another are compiled anew when next asked for. */
  readonly compiler = compilerName(specs, sha256);

  constructor(
    private readonly versions: VersionStore,
    private readonly sealing: Sealing,
  ) {}

  /** Compiles and seals a document. Large ones take a while, so others get their turn first. */
  async draft(document: FlowDocument): Promise<Draft> {
    await new Promise((resolve) => setImmediate(resolve));
    const version = compileVersion(document, catalogue);
    const data = JSON.stringify(document.data);
    return {
      data,
      sealedData: await this.sealing.seal(data),
      version: await this.versions.seal(version, this.compiler),
      hasWebhook: version.hasWebhook,
    };
  }

  /** What is known of a version, by this build's compiler. What another left is not even read: it may have another form. */
  async facts(flowId: string, versionHash: string, stored: StoredFacts): Promise<VersionFacts> {
    return stored.compiledBy === this.compiler ? readFacts(stored) : this.renew(flowId, versionHash);
  }

  /** Compiles a stored version anew and keeps the result. */
  async renew(flowId: string, versionHash: string): Promise<CompiledContent> {
    const compiled = compileContent(await this.versions.openContent(flowId, versionHash), catalogue);
    await this.versions.recompiled(flowId, versionHash, compiled, this.compiler);
    log.info({ flowId, versionHash }, 'version compiled anew');
    return compiled;
  }
}
