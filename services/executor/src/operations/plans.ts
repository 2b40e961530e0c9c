import { getPlan } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import type { Plan } from '@causeway/dag';
import { Cache, Payloads, cacheKey } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { FlowRegistryClient } from '../clients/flow-registry.client.js';

/** A version, ready to run. */
export interface CompiledFlow {
  readonly plan: Plan;
  readonly flowName: string;
}

const IN_MEMORY = 500;
const IN_REDIS_MS = 86_400_000;
const PLAN_FORMAT = 1;

type Version = Pick<RunEnvelope, 'organisationId' | 'teamId' | 'flowId' | 'versionHash'>;

/** Plans by version: from memory, else from Redis, else from the flow registry. A version never changes, so none is ever stale. */
@Injectable()
export class Plans {
  private readonly known = new Map<string, Promise<CompiledFlow>>();

  constructor(
    private readonly cache: Cache,
    private readonly payloads: Payloads,
    private readonly registry: FlowRegistryClient,
  ) {}

  /** @throws CausewayError FLOW_UNKNOWN, VERSION_UNKNOWN; UNAVAILABLE when the registry is needed and away */
  get(version: Version): Promise<CompiledFlow> {
    const key = cacheKey(
      version.organisationId,
      version.teamId,
      'plan',
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
    const found = cached === undefined ? undefined : parse(cached);
    if (found) return found;
    const reply = await this.registry.plan(version);
    const plan = JSON.parse(await this.payloads.load(reply.plan)) as Plan;
    if (plan.format !== PLAN_FORMAT)
      throw new Error(
        `${getPlan.subject} gave a plan of format ${String(plan.format)}; this executor reads ${PLAN_FORMAT}`,
      );
    const compiled = { plan, flowName: reply.flowName };
    void this.cache.set(key, JSON.stringify(compiled), IN_REDIS_MS);
    return compiled;
  }
}

/** Whatever does not fit is compiled anew: another release may have left it. */
function parse(text: string): CompiledFlow | undefined {
  try {
    const compiled = JSON.parse(text) as CompiledFlow;
    return compiled.plan?.format === PLAN_FORMAT && typeof compiled.flowName === 'string'
      ? compiled
      : undefined;
  } catch {
    return undefined;
  }
}
