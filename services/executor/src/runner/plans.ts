import { createHash } from 'node:crypto';
import { specs } from '@causeway/components/specs';
import { getPlan } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import { PLAN_FORMAT, compilerName } from '@causeway/dag';
import type { Plan } from '@causeway/dag';
import { Cache, Payloads, Vault, cacheKey } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { FlowRegistryClient } from '../clients/flow-registry.client.js';

/** A version, ready to run. */
export interface CompiledFlow {
  readonly plan: Plan;
  readonly flowName: string;
}

const IN_MEMORY = 500;
const IN_REDIS_MS = 86_400_000;
/** Another release's compiler or components mean another plan. */
const COMPILER = compilerName(specs, (text) => createHash('sha256').update(text).digest('hex'));

type Version = Pick<RunEnvelope, 'organisationId' | 'teamId' | 'flowId' | 'versionHash'>;

/** Plans by version: from memory, else from Redis, else from the flow registry. A version never changes, so none is ever stale. */
@Injectable()
export class Plans {
  private readonly known = new Map<string, Promise<CompiledFlow>>();

  constructor(
    private readonly cache: Cache,
    private readonly payloads: Payloads,
    private readonly registry: FlowRegistryClient,
    private readonly vault: Vault,
  ) {}

  /** @throws CausewayError FLOW_UNKNOWN, VERSION_UNKNOWN; UNAVAILABLE when the registry is needed and away */
  get(version: Version): Promise<CompiledFlow> {
    const key = cacheKey(
      version.organisationId,
      version.teamId,
      `plan-${COMPILER}`,
      `${version.flowId}:${version.versionHash}`,
    );
    const known = this.known.get(key) ?? this.load(key, version);
    // The last used one goes to the end, so that the first is the one to forget.
    this.known.delete(key);
    this.known.set(key, known);
    if (this.known.size > IN_MEMORY) this.known.delete(this.known.keys().next().value as string);
    known.catch(() => this.known.delete(key));
    return known;
  }

  private async load(key: string, version: Version): Promise<CompiledFlow> {
    const cached = await this.cache.get(key);
    const found = cached === undefined ? undefined : this.read(cached);
    if (found) return found;
    const reply = await this.registry.plan(version);
    const plan = JSON.parse(await this.payloads.load(reply.plan)) as Plan;
    if (plan.format !== PLAN_FORMAT)
      throw new Error(
        `${getPlan.subject} gave a plan of format ${String(plan.format)}; this executor reads ${PLAN_FORMAT}`,
      );
    const compiled = { plan, flowName: reply.flowName };
    // Sealed: a plan holds whatever keys somebody typed into a node.
    void this.cache.set(key, this.vault.seal(JSON.stringify(compiled)), IN_REDIS_MS);
    return compiled;
  }

  /** Whatever does not fit is asked for anew: another release, or another master key, may have left it. */
  private read(sealed: string): CompiledFlow | undefined {
    try {
      const compiled = JSON.parse(this.vault.open(sealed)) as CompiledFlow;
      return compiled.plan?.format === PLAN_FORMAT && typeof compiled.flowName === 'string'
        ? compiled
        : undefined;
    } catch {
      return undefined;
    }
  }
}
