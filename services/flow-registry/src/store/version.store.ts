import type { FlowProblem, Tenant } from '@causeway/contracts';
import { FlowProblem as FlowProblemShape } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { CompiledContent, CompiledVersion } from '../domain/compiled-version.js';
import { type VariableUse, VariableUses } from '../domain/variable-uses.js';
import { Sealing } from './sealing.js';
import { Tables, type Writes } from './tables.js';

/** A version ready to be written. */
export interface SealedVersion {
  readonly versionHash: string;
  readonly content: string;
  readonly plan: string;
  readonly problems: string;
  readonly variableUses: string;
  readonly compiledBy: string;
}

/** What is known of a version without opening its content. */
export interface VersionFacts {
  readonly problems: readonly FlowProblem[];
  readonly variableUses: readonly VariableUse[];
}

/** The same as its row has it. */
export interface StoredFacts {
  readonly problems: string;
  readonly variableUses: string;
  readonly compiledBy: string;
}

const Problems = z.array(FlowProblemShape);

/** Versions of flows: written once, compiled anew when the compiler changes. */
@Injectable()
export class VersionStore {
  constructor(
    private readonly tables: Tables,
    private readonly sealing: Sealing,
  ) {}

  async seal(version: CompiledVersion, compiledBy: string): Promise<SealedVersion> {
    const { versionHash, content } = version;
    return {
      versionHash,
      content: await this.sealing.seal(content),
      ...(await this.sealCompiled(version, compiledBy)),
    };
  }

  /** Adds a version to its flow unless it is there. */
  async add(writes: Writes, tenant: Tenant, flowId: string, version: SealedVersion): Promise<void> {
    const { organisationId, teamId } = tenant;
    await writes.flowVersion.createMany({
      data: { flowId, organisationId, teamId, ...version },
      skipDuplicates: true,
    });
  }

  /** Opens what a version was made from. */
  async openContent(flowId: string, versionHash: string): Promise<string> {
    const { content } = await this.tables.reads.flowVersion.findUniqueOrThrow({
      where: { flowId_versionHash: { flowId, versionHash } },
      select: { content: true },
    });
    return this.sealing.openText(content);
  }

  /** Replaces what is compiled from a version. */
  async recompiled(
    flowId: string,
    versionHash: string,
    compiled: CompiledContent,
    by: string,
  ): Promise<void> {
    await this.tables.reads.flowVersion.update({
      where: { flowId_versionHash: { flowId, versionHash } },
      data: await this.sealCompiled(compiled, by),
      select: { flowId: true },
    });
  }

  private async sealCompiled(
    compiled: CompiledContent,
    compiledBy: string,
  ): Promise<Omit<SealedVersion, 'versionHash' | 'content'>> {
    return {
      plan: await this.sealing.seal(compiled.plan),
      problems: JSON.stringify(compiled.problems),
      variableUses: JSON.stringify(compiled.variableUses),
      compiledBy,
    };
  }
}

/** Reads what this build's compiler has left. */
export function readFacts(stored: StoredFacts): VersionFacts {
  return {
    problems: Problems.parse(JSON.parse(stored.problems)),
    variableUses: VariableUses.parse(JSON.parse(stored.variableUses)),
  };
}
