import { flowChanged, resolveFlow } from '@causeway/contracts';
import type { ReplyOf, Tenant } from '@causeway/contracts';
import { Bus, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import type { Settings } from '../config.js';
import { ExpiringMap } from '../domain/expiring-map.js';

export type ResolvedFlow = ReplyOf<typeof resolveFlow>;

const CACHE_ENTRIES = 10_000;

/** Which flow and version answers for a name: remembered shortly, forgotten when the registry says that the flow changed. */
@Injectable()
export class FlowResolver implements OnModuleInit {
  private readonly known: ExpiringMap<ResolvedFlow>;

  constructor(
    private readonly bus: Bus,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.known = new ExpiringMap(CACHE_ENTRIES, settings.flowCacheMs);
  }

  onModuleInit(): void {
    this.bus.subscribe(flowChanged, undefined, ({ flowId }) =>
      this.known.deleteWhere((flow) => flow.flowId === flowId),
    );
  }

  /** By id or endpoint name, within the team. Throws FLOW_UNKNOWN. */
  async resolve(tenant: Tenant, flow: string): Promise<ResolvedFlow> {
    const key = `${tenant.teamId} ${flow}`;
    const known = this.known.get(key, Date.now());
    if (known) return known;
    const resolved = await this.bus.request(resolveFlow, { ...tenant, flow });
    this.known.set(key, resolved, Date.now());
    return resolved;
  }
}
