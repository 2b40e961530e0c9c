import type { FlowProblem, Tenant } from '@causeway/contracts';
import { FlowProblem as FlowProblemShape } from '@causeway/contracts';
import { type VariableUse, isNameShown } from '@causeway/dag';
import { type SealedPlace, dataKeyOf } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { CompiledContent } from '../domain/compiled-version.js';
import { compiler } from '../domain/compiler.js';
import type { EncodedVersion } from '../domain/graph-tasks.js';
import { VariableUses } from '../domain/variable-uses.js';
import { placeOfPlan, placeOfVersion } from './sealing/sealed-places.js';
import { Sealing } from './sealing/sealing.js';
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

/** Names a version. */
interface CompiledOf {
  readonly flowId: string;
  readonly versionHash: string;
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

  /** Seals a version for the flow to which it will belong. */
  async seal(version: EncodedVersion, organisationId: string, flowId: string): Promise<SealedVersion> {
    const { versionHash, content } = version;
    return {
      versionHash,
      content: await this.sealing.seal(content, placeOfVersion(organisationId, flowId, versionHash)),
      compiled: await this.sealCompiled(version, organisationId, { flowId, versionHash }),
    };
  }

  /** A version that was sealed for one flow, sealed for another one. */
  async move(
    { versionHash, content, compiled }: SealedVersion,
    organisationId: string,
    from: string,
    to: string,
  ): Promise<SealedVersion> {
    const placeIn = (flowId: string, name: 'plan' | 'uses'): SealedPlace =>
      placeOfPlan(organisationId, { flowId, versionHash, compiledBy: compiler }, name);
    const part = (sealed: string, name: 'plan' | 'uses'): Promise<string> =>
      this.sealing.move(sealed, placeIn(from, name), placeIn(to, name));
    const { plan, variableUses: uses } = compiled;
    return {
      versionHash,
      content: await this.sealing.move(
        content,
        placeOfVersion(organisationId, from, versionHash),
        placeOfVersion(organisationId, to, versionHash),
      ),
      compiled: {
        ...compiled,
        plan: await part(plan, 'plan'),
        variableUses: isSealed(uses) ? await part(uses, 'uses') : uses,
      },
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
      data: { flowId, organisationId, teamId, versionHash, content, dataKeyId: dataKeyOf(content) },
      skipDuplicates: true,
    });
    await writes.flowVersion.updateMany({
      where: { flowId, versionHash, replacedAt: { not: null } },
      data: { replacedAt: null },
    });
    if (replaced !== undefined && replaced !== versionHash) await this.endUse(writes, flowId, replaced);
    await this.addPlan(writes, organisationId, { flowId, versionHash }, compiled);
  }

  /** Notes that no new run uses a version any more: the time for which it is kept begins now. */
  async endUse(writes: Writes, flowId: string, versionHash: string): Promise<void> {
    await writes.flowVersion.updateMany({
      where: { flowId, versionHash },
      data: { replacedAt: new Date() },
    });
  }

  /** Opens the content of a version. */
  async openContent(
    flowId: string,
    versionHash: string,
  ): Promise<{ organisationId: string; content: Uint8Array }> {
    const { content, organisationId } = await this.tables.reads.flowVersion.findUniqueOrThrow({
      where: { flowId_versionHash: { flowId, versionHash } },
      select: { content: true, organisationId: true },
    });
    const place = placeOfVersion(organisationId, flowId, versionHash);
    return { organisationId, content: await this.sealing.open(content, place) };
  }

  /** Stores the plan of this build's compiler for an existing version, marks its flow when a webhook can start it, and deletes the plans of the oldest compilers. */
  async recompiled(organisationId: string, version: CompiledOf, compiled: CompiledContent): Promise<void> {
    const { flowId, versionHash } = version;
    const sealed = await this.sealCompiled(compiled, organisationId, version);
    await this.addPlan(this.tables.reads, organisationId, version, sealed);
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
    organisationId: string,
    version: CompiledOf,
    compiled: SealedPlan,
  ): Promise<void> {
    const { plan, variableUses: uses } = compiled;
    const dataKeyId = dataKeyOf(plan, ...(isSealed(uses) ? [uses] : []));
    await writes.compiledPlan.createMany({
      data: { ...version, organisationId, compiledBy: compiler, ...compiled, dataKeyId },
      skipDuplicates: true,
    });
  }

  private async sealCompiled(
    compiled: CompiledContent | EncodedVersion,
    organisationId: string,
    version: CompiledOf,
  ): Promise<SealedPlan> {
    const own = { ...version, compiledBy: compiler };
    return {
      plan: await this.sealing.seal(compiled.plan, placeOfPlan(organisationId, own, 'plan')),
      problems: JSON.stringify(compiled.problems),
      variableUses: await this.sealUses(compiled.variableUses, placeOfPlan(organisationId, own, 'uses')),
      hasWebhook: compiled.hasWebhook,
    };
  }

  /** Reads the facts that this build's compiler has stored. */
  async readFacts(organisationId: string, version: CompiledOf, stored: StoredFacts): Promise<VersionFacts> {
    const place = placeOfPlan(organisationId, { ...version, compiledBy: compiler }, 'uses');
    const uses = isSealed(stored.variableUses)
      ? await this.sealing.openText(stored.variableUses, place)
      : stored.variableUses;
    return {
      problems: Problems.parse(JSON.parse(stored.problems)),
      variableUses: VariableUses.parse(JSON.parse(uses)),
    };
  }

  /** The uses as JSON, sealed when something in it could be a key. */
  private async sealUses(uses: readonly VariableUse[], place: SealedPlace): Promise<string> {
    const text = JSON.stringify(uses);
    return uses.every(isNameShown) ? text : this.sealing.seal(text, place);
  }
}

/** Whether a stored list of variables is sealed: else it is JSON. */
export function isSealed(uses: string): boolean {
  return !uses.startsWith('[');
}
