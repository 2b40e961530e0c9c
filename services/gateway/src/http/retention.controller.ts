import {
  planAuditRetention,
  planChatRetention,
  planFileRetention,
  planKeyRetention,
  planRunRetention,
  retentionRoute,
} from '@causeway/contracts';
import type { RouteReply } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Serve } from './door/serve.js';

const plans = [
  planRunRetention,
  planChatRetention,
  planFileRetention,
  planKeyRetention,
  planAuditRetention,
] as const;

/** How long data is kept. */
@Controller()
export class RetentionController {
  constructor(private readonly bus: Bus) {}

  @Serve(retentionRoute)
  async plan(): Promise<RouteReply<typeof retentionRoute>> {
    const owners = await Promise.all(plans.map((contract) => this.bus.request(contract, {})));
    return { kinds: owners.flatMap(({ kinds }) => kinds) };
  }
}
