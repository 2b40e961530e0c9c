import {
  actorOf,
  createScimToken,
  createScimTokenRoute,
  deleteScimToken,
  deleteScimTokenRoute,
  getScimStatus,
  getScimStatusRoute,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, newScimToken } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';
import { originOf } from '../door/public-origin.js';

/** The SCIM tokens of connections. */
@Controller()
export class ScimTokensController {
  constructor(private readonly bus: Bus) {}

  @Serve(getScimStatusRoute)
  status(
    { params }: RouteInput<typeof getScimStatusRoute>,
    call: Call,
  ): Promise<RouteReply<typeof getScimStatusRoute>> {
    return this.bus.request(getScimStatus, { principal: actorOf(call).principal, ...params });
  }

  /** The token is made here, where it is shown, and is in no message. */
  @Serve(createScimTokenRoute)
  async create(
    { params }: RouteInput<typeof createScimTokenRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createScimTokenRoute>> {
    const { token, tokenHash } = newScimToken();
    const made = await this.bus.request(createScimToken, { ...actorOf(call), ...params, tokenHash });
    return { ...made, token, url: `${originOf(call.request)}/scim/v2` };
  }

  @Serve(deleteScimTokenRoute)
  async delete({ params }: RouteInput<typeof deleteScimTokenRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteScimToken, { ...actorOf(call), ...params });
  }
}
