import {
  DEFAULT_OVERLAP_S,
  createKey,
  createKeyRoute,
  deleteKey,
  deleteKeyRoute,
  listKeys,
  listKeysRoute,
  rotateKey,
  rotateKeyRoute,
  actorOf,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, newApiKey } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { apiKeyRead } from '../domain/langflow-shapes.js';
import { everyItem } from '../operations/every-item.js';
import { type WrittenJson, answerJson, shownAs } from './answer/answer-json.js';
import type { Call } from './door/call.js';
import { Serve } from './door/serve.js';
import { wantedKey } from './body/key-body.js';

const PAGE = 500;

/** API keys of the caller. */
@Controller()
export class KeysController {
  constructor(private readonly bus: Bus) {}

  @Serve(listKeysRoute)
  async list(_input: RouteInput<typeof listKeysRoute>, call: Call): Promise<WrittenJson> {
    const { principal } = actorOf(call);
    const { id: userId } = principal;
    const keys = await everyItem(async (after) => {
      const question = { principal, page: { limit: PAGE, ...after } };
      const { keys: items, next } = await this.bus.request(listKeys, question);
      return { items, next };
    });
    let count = 0;
    const read = shownAs(keys, (key) => {
      count++;
      return apiKeyRead(key);
    });
    const before = `{"user_id":${JSON.stringify(userId)},"api_keys":[`;
    return answerJson(call, before, read, () => `],"total_count":${count}}`);
  }

  @Serve(createKeyRoute)
  async create(
    { body }: RouteInput<typeof createKeyRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createKeyRoute>> {
    const { secret, ...stored } = newApiKey();
    const wanted = { ...actorOf(call), ...wantedKey(body), ...stored };
    const { key } = await this.bus.request(createKey, wanted);
    return apiKeyRead(key, secret);
  }

  @Serve(rotateKeyRoute)
  async rotate(
    { params, body }: RouteInput<typeof rotateKeyRoute>,
    call: Call,
  ): Promise<RouteReply<typeof rotateKeyRoute>> {
    const { secret, ...stored } = newApiKey();
    const { overlapS = DEFAULT_OVERLAP_S } = body;
    const wanted = { ...actorOf(call), ...params, ...stored, overlapS };
    const { key, formerUntil } = await this.bus.request(rotateKey, wanted);
    return { ...apiKeyRead(key, secret), former_until: formerUntil };
  }

  @Serve(deleteKeyRoute)
  async delete(
    { params }: RouteInput<typeof deleteKeyRoute>,
    call: Call,
  ): Promise<RouteReply<typeof deleteKeyRoute>> {
    const { revoked } = await this.bus.request(deleteKey, { ...actorOf(call), ...params });
    return { detail: 'API Key deleted', revoked };
  }
}
