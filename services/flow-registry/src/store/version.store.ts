import type { FlowProblem, Tenant } from '@causeway/contracts';
import { FlowProblem as FlowProblemShape } from '@causeway/contracts';
import { type VariableUse, isNameShown } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { CompiledContent } from '../domain/compiled-version.js';
import { compiler } from '../domain/compiler.js';
import type { EncodedVersion } from '../domain/graph-tasks.js';
import { VariableUses } from '../domain/variable-uses.js';
import { Sealing } from './sealing.js';
import { Tables, type Writes } from './tables.js';

/** A sealed version that can be stored. */
export interface SealedVersion {
  readonly versionHash: string;
  readonly content: string;
  readonly compiled: SealedPlan;
}

/** The sealed plan of this build's compiler that can be stored. */
interface SealedPlan {
  readonly plan: string;
  readonly problems: string;
  readonly variableUses: string;
  readonly hasWebhook: boolean;
}

/** Facts about a version that are known without opening its content. */
export interface VersionFacts {
  readonly problems: readonly FlowProblem[];
  readonly variableUses: readonly VariableUse[];
}

/** The same facts as stored in its row. */
export interface StoredFacts {
  readonly problems: string;
  readonly variableUses: string;
}

/** So many compilers' plans of a version are kept: those of the releases that run side by side, and one more. */
const PLANS_KEPT = 3;
const Problems = z.array(FlowProblemShape);

/** Versions of flows, written once, and the plan of each compiler. */
@Injectable()
export class VersionStore {
  constructor(
    private readonly tables: Tables,
    private readonly sealing: Sealing,
  ) {}

  async seal(version: EncodedVersion): Promise<SealedVersion> {
    const { versionHash, content } = version;
    return {
      versionHash,
      content: await this.sealing.seal(content),
      compiled: await this.sealCompiled(version),
    };
  }

  /** Adds a version to its flow unless it exists; from now on it is the flow's own version and replaces the previous one. */
  async add(
    writes: Writes,
    tenant: Tenant,
    flowId: string,
    version: SealedVersion,
    replaced?: string,
  ): Promise<void> {
    const { organisationId, teamId } = tenant;
    const { versionHash, content, compiled } = version;
    await writes.flowVersion.createMany({
      data: { flowId, organisationId, teamId, versionHash, content },
      skipDuplicates: true,
    });
    await writes.flowVersion.updateMany({
      where: { flowId, versionHash, replacedAt: { not: null } },
      data: { replacedAt: null },
    });
    if (replaced !== undefined && replaced !== versionHash) await this.endUse(writes, flowId, replaced);
    await this.addPlan(writes, flowId, versionHash, compiled);
  }

  /** Notes that no new run uses a version any more: the time for which it is kept begins now. */
  async endUse(writes: Writes, flowId: string, versionHash: string): Promise<void> {
    await writes.flowVersion.updateMany({
      where: { flowId, versionHash },
      data: { replacedAt: new Date() },
    });
  }

  /** Opens the content of a version. */
  async openContent(flowId: string, versionHash: string): Promise<Uint8Array> {
    const { content } = await this.tables.reads.flowVersion.findUniqueOrThrow({
      where: { flowId_versionHash: { flowId, versionHash } },
      select: { content: true },
    });
    return this.sealing.open(content);
  }

  /** Stores the plan of this build's compiler for an existing version, marks its flow when a webhook can start it, and deletes the plans of the oldest compilers. */
  async recompiled(flowId: string, versionHash: string, compiled: CompiledContent): Promise<void> {
    await this.addPlan(this.tables.reads, flowId, versionHash, await this.sealCompiled(compiled));
    await this.tables.reads.flow.updateMany({
      where: { id: flowId, versionHash },
      data: { webhook: compiled.hasWebhook },
    });
    await this.tables.reads.$executeRaw`
      delete from compiled_plan where flow_id = ${flowId}::uuid and version_hash = ${versionHash}
        and compiled_by in (select compiled_by from compiled_plan where flow_id = ${flowId}::uuid
          and version_hash = ${versionHash} order by created_at desc, compiled_by offset ${PLANS_KEPT})`;
  }

  private async addPlan(
    writes: Pick<Writes, 'compiledPlan'>,
    flowId: string,
    versionHash: string,
    compiled: SealedPlan,
  ): Promise<void> {
    await writes.compiledPlan.createMany({
      data: { flowId, versionHash, compiledBy: compiler, ...compiled },
      skipDuplicates: true,
    });
  }

  private async sealCompiled(compiled: CompiledContent | EncodedVersion): Promise<SealedPlan> {
    return {
      plan: await this.sealing.seal(compiled.plan),
      problems: JSON.stringify(compiled.problems),
      variableUses: await this.sealUses(compiled.variableUses),
      hasWebhook: compiled.hasWebhook,
    };
  }

  /** Reads the facts that this build's compiler has stored. */
  async readFacts(stored: StoredFacts): Promise<VersionFacts> {
    const uses = stored.variableUses.startsWith('[')
      ? stored.variableUses
      : await this.sealing.openText(stored.variableUses);
    return {
      problems: Problems.parse(JSON.parse(stored.problems)),
      variableUses: VariableUses.parse(JSON.parse(uses)),
    };
  }

  /** The uses as JSON, sealed when something in it could be a key. */
  private async sealUses(uses: readonly VariableUse[]): Promise<string> {
    const text = JSON.stringify(uses);
    return uses.every(isNameShown) ? text : this.sealing.seal(text);
  }
}
