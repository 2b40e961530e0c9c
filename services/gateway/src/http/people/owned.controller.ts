import { actorOf, handOver, handOverRoute, listOwned, listOwnedRoute } from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';

/** What people own, and who gets it when they leave. Auth decides who may see and hand over what. */
@Controller()
export class OwnedController {
  constructor(private readonly bus: Bus) {}

  @Serve(listOwnedRoute)
  owned(
    { params }: RouteInput<typeof listOwnedRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listOwnedRoute>> {
    return this.bus.request(listOwned, { principal: actorOf(call).principal, ...params });
  }

  @Serve(handOverRoute)
  handOver(
    { params, body }: RouteInput<typeof handOverRoute>,
    call: Call,
  ): Promise<RouteReply<typeof handOverRoute>> {
    return this.bus.request(handOver, { ...actorOf(call), ...params, toUserId: body.to });
  }
}
