import {
  actorOf,
  getAllowedHosts,
  getAllowedHostsRoute,
  getFlow,
  putAllowedHostsRoute,
  setAllowedHosts,
  tenantOf,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import type { Call } from './door/call.js';
import { Serve } from './door/serve.js';

/** Hosts to which a flow's secrets may be sent, in addition to the addresses that the flow names. */
@Controller()
export class AllowedHostsController {
  constructor(private readonly bus: Bus) {}

  @Serve(getAllowedHostsRoute)
  async get(
    { params }: RouteInput<typeof getAllowedHostsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof getAllowedHostsRoute>> {
    const of = { ...tenantOf(call), flowId: params.flowId };
    // A flow that does not exist has an empty list too, so the flow itself is read first.
    await this.bus.request(getFlow, of);
    return this.bus.request(getAllowedHosts, of);
  }

  @Serve(putAllowedHostsRoute)
  put(
    { params, body }: RouteInput<typeof putAllowedHostsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof putAllowedHostsRoute>> {
    return this.bus.request(setAllowedHosts, { ...actorOf(call), flowId: params.flowId, hosts: body.hosts });
  }
}
