import {
  actorOf,
  listVersions,
  listVersionsRoute,
  publishVersion,
  publishVersionRoute,
  tenantOf,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import type { Call } from './door/call.js';
import { Serve } from './door/serve.js';

/** The versions of flows, and which one runs use. */
@Controller()
export class VersionsController {
  constructor(private readonly bus: Bus) {}

  @Serve(listVersionsRoute)
  list(
    { params, query: page }: RouteInput<typeof listVersionsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listVersionsRoute>> {
    return this.bus.request(listVersions, { ...tenantOf(call), ...params, page });
  }

  @Serve(publishVersionRoute)
  publish(
    { params, body }: RouteInput<typeof publishVersionRoute>,
    call: Call,
  ): Promise<RouteReply<typeof publishVersionRoute>> {
    return this.bus.request(publishVersion, { ...actorOf(call), ...params, ...body });
  }
}
