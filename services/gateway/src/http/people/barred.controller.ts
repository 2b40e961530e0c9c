import { actorOf, listBarred, listBarredRoute, readmitUser, readmitUserRoute } from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';

/** People who were deleted and do not come back. Auth decides who may see and readmit them. */
@Controller()
export class BarredController {
  constructor(private readonly bus: Bus) {}

  @Serve(listBarredRoute)
  list(
    { query: page }: RouteInput<typeof listBarredRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listBarredRoute>> {
    return this.bus.request(listBarred, { principal: actorOf(call).principal, page });
  }

  @Serve(readmitUserRoute)
  readmit(
    { params }: RouteInput<typeof readmitUserRoute>,
    call: Call,
  ): Promise<RouteReply<typeof readmitUserRoute>> {
    return this.bus.request(readmitUser, { ...actorOf(call), ...params });
  }
}
