import { createHash } from 'node:crypto';
import { specs } from '@causeway/components/specs';
import { causewayError } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import { PLAN_FORMAT, compilerName } from '@causeway/dag';
import type { Plan } from '@causeway/dag';
import { Cache, SealedKind, type SealedPlace, Vault, cacheKey, inlineText, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { FlowRegistryClient } from '../clients/flow-registry.client.js';
import { keepLoading } from './keep-loading.js';

/** A version, ready to run. */
export interface CompiledFlow {
  readonly plan: Plan;
  readonly flowName: string;
}

const IN_MEMORY = 500;
/** Most characters of JSON of all plans in memory: one plan may have 20 million. */
const MOST_CHARACTERS = 32 * 1024 * 1024;
/** Of a plan that is being loaded, whose size is not known yet. */
const LOADING_CHARACTERS = 1;
const IN_REDIS_MS = 86_400_000;
/** Plans of another compiler or of other components differ, so the name holds both. */
const COMPILER = compilerName(specs, (text) => createHash('sha256').update(text).digest('hex'));

/** A plan with its size. One of another build is not kept. */
interface Loaded {
  readonly compiled: CompiledFlow;
  readonly isOfThisBuild: boolean;
  readonly characters: number;
}

type Version = Pick<RunEnvelope, 'organisationId' | 'teamId' | 'flowId' | 'versionHash'>;

/**
 * Plans by version and compiler: from memory, else from Redis, else from the flow registry. A plan never changes, so it is never
 * stale. During an update the registry may have another compiler: its plan is executed too, and requested again the next time.
 */
@Injectable()
export class Plans {
  private readonly known = new LRUCache<string, Promise<CompiledFlow>>({
    max: IN_MEMORY,
    maxSize: MOST_CHARACTERS,
  });

  constructor(
    private readonly cache: Cache,
    private readonly registry: FlowRegistryClient,
    private readonly vault: Vault,
  ) {}

  /**
   * @throws CausewayError FLOW_UNKNOWN, VERSION_UNKNOWN; UNAVAILABLE when the registry is needed and unreachable, or when it has only
   * plans that this build cannot read
   */
  get(version: Version): Promise<CompiledFlow> {
    const key = cacheKey(
      version.organisationId,
      version.teamId,
      `plan-${COMPILER}`,
      `${version.flowId}:${version.versionHash}`,
    );
    const known = this.known.get(key);
    if (known) return known;
    const place = { organisationId: version.organisationId, kind: SealedKind.cachedPlan, id: key };
    const loaded = this.load(key, place, version);
    const loading = loaded.then(({ compiled }) => compiled);
    const size = loaded.then(({ isOfThisBuild, characters }) => (isOfThisBuild ? characters : undefined));
    keepLoading(this.known, key, loading, LOADING_CHARACTERS, size);
    return loading;
  }

  private async load(key: string, place: SealedPlace, version: Version): Promise<Loaded> {
    const cached = await this.cache.get(key);
    const found = cached === undefined ? undefined : await this.read(cached, place);
    if (found) return { compiled: found, isOfThisBuild: true, characters: (cached as string).length };
    const { compiledBy, flowName, ...reply } = await this.registry.plan(version, COMPILER);
    const text = inlineText(reply.plan);
    const plan = JSON.parse(text) as Plan;
    if (plan.format !== PLAN_FORMAT) {
      log.warn({ found: plan.format, wanted: PLAN_FORMAT }, 'plan of another release');
      throw causewayError('UNAVAILABLE', { service: 'A flow registry of this release', retryAfterS: 1 });
    }
    const compiled = { plan, flowName };
    const isOfThisBuild = compiledBy === COMPILER;
    // Sealed, because a plan holds any keys that were typed into a node.
    if (isOfThisBuild) void this.keep(key, JSON.stringify(compiled), place);
    return { compiled, isOfThisBuild, characters: text.length };
  }

  private async keep(key: string, text: string, place: SealedPlace): Promise<void> {
    try {
      await this.cache.set(key, await this.vault.seal(text, place), IN_REDIS_MS);
    } catch (error) {
      log.failure(error, 'plan not cached');
    }
  }

  /** A plan that cannot be read is requested again: another release may have written it, or its data key may be gone. */
  private async read(sealed: string, place: SealedPlace): Promise<CompiledFlow | undefined> {
    try {
      const compiled = JSON.parse(await this.vault.open(sealed, place)) as CompiledFlow;
      return compiled.plan?.format === PLAN_FORMAT && typeof compiled.flowName === 'string'
        ? compiled
        : undefined;
    } catch {
      return undefined;
    }
  }
}
