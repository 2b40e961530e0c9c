import { flowChanged } from '@causeway/contracts';
import type { Tenant } from '@causeway/contracts';
import { Bus, OutboxRelay } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

/** Tells others of committed changes. */
@Injectable()
export class Announcing {
  constructor(
    private readonly relay: OutboxRelay,
    private readonly bus: Bus,
  ) {}

  /** After a commit that left events. */
  committed(): void {
    this.relay.wake();
  }

  /** After a commit that changed flows: whoever remembers them looks again. */
  flowsChanged({ organisationId, teamId }: Tenant, flowIds: readonly string[]): void {
    for (const flowId of flowIds) this.bus.publish(flowChanged, { organisationId, teamId, flowId });
    this.relay.wake();
  }
}
