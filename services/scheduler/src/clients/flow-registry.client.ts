import { flowChanged, resolveFlow } from '@causeway/contracts';
import type { ReplyOf, Tenant } from '@causeway/contracts';
import { Bus, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Settings } from '../config.js';

export type ResolvedFlow = ReplyOf<typeof resolveFlow>;

const CACHE_ENTRIES = 10_000;
/** Most characters of JSON of all entries: one holds the problems of a flow, up to hundreds of kilobytes. */
const CACHE_CHARACTERS = 16 * 1024 * 1024;

/** Finds the flow and the release for a name. A cache keeps them briefly, until the registry reports that the flow changed. */
@Injectable()
export class FlowRegistryClient implements OnModuleInit {
  private readonly known: LRUCache<string, ResolvedFlow> | undefined;

  constructor(
    private readonly bus: Bus,
    @Inject(SETTINGS) { flowCacheMs }: Settings,
  ) {
    if (flowCacheMs > 0) {
      this.known = new LRUCache({
        max: CACHE_ENTRIES,
        maxSize: CACHE_CHARACTERS,
        sizeCalculation: (flow) => JSON.stringify(flow).length,
        ttl: flowCacheMs,
      });
    }
  }

  onModuleInit(): void {
    // Any flow of the team may now be the one that a name means.
    this.bus.subscribe(flowChanged, undefined, ({ teamId }) => {
      for (const key of this.known?.keys() ?? []) if (key.startsWith(`${teamId} `)) this.known?.delete(key);
    });
  }

  /**
   * Finds a flow of the team by its id, endpoint name or name.
   *
   * @throws CausewayError FLOW_UNKNOWN, FLOW_NAME_SHARED
   */
  async resolve(tenant: Tenant, flow: string): Promise<ResolvedFlow> {
    const { organisationId, teamId } = tenant;
    const key = `${teamId} ${flow}`;
    const known = this.known?.get(key);
    if (known) return known;
    const resolved = await this.bus.request(resolveFlow, { organisationId, teamId, flow });
    this.known?.set(key, resolved);
    return resolved;
  }
}
