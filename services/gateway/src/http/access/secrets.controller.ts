import {
  actorOf,
  getResealing,
  listDataKeys,
  rotateDataKey,
  rotateDataKeyRoute,
  rotateMasterKey,
  rotateMasterKeyRoute,
  secretsRoute,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';

/** The keys that seal what is secret. Auth decides who may see and rotate them. */
@Controller()
export class SecretsController {
  constructor(private readonly bus: Bus) {}

  @Serve(secretsRoute)
  async status(
    _input: RouteInput<typeof secretsRoute>,
    call: Call,
  ): Promise<RouteReply<typeof secretsRoute>> {
    const { principal } = actorOf(call);
    const {
      keys: dataKeys,
      masterKeyId,
      resealing: ofAuth,
    } = await this.bus.request(listDataKeys, { principal });
    const { tables: ofRegistry } = await this.bus.request(getResealing, { principal });
    return { dataKeys, masterKeyId, resealing: [...ofRegistry, ...ofAuth] };
  }

  @Serve(rotateDataKeyRoute)
  async rotateData(
    _input: RouteInput<typeof rotateDataKeyRoute>,
    call: Call,
  ): Promise<RouteReply<typeof rotateDataKeyRoute>> {
    return (await this.bus.request(rotateDataKey, actorOf(call))).key;
  }

  @Serve(rotateMasterKeyRoute)
  rotateMaster(
    _input: RouteInput<typeof rotateMasterKeyRoute>,
    call: Call,
  ): Promise<RouteReply<typeof rotateMasterKeyRoute>> {
    return this.bus.request(rotateMasterKey, actorOf(call));
  }
}
