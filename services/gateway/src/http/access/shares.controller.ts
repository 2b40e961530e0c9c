import { listSharedFlowsRoute } from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Controller } from '@nestjs/common';
import { SharedFlows } from '../../operations/shared-flows.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';

/** Flows of other teams that are shared with the caller. They are shared by role bindings. */
@Controller()
export class SharesController {
  constructor(private readonly shared: SharedFlows) {}

  @Serve(listSharedFlowsRoute)
  async list(
    _input: RouteInput<typeof listSharedFlowsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof listSharedFlowsRoute>> {
    return { items: await this.shared.list(call) };
  }
}
