import { deleteWebhook, findWebhook, getWebhook, setWebhook } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Hooks } from '../changes/hooks.js';

/** Requests about the webhooks of flows. */
@Controller()
export class HooksHandler {
  constructor(private readonly hooks: Hooks) {}

  @Handles(getWebhook)
  async get(input: InputOf<typeof getWebhook>): Promise<ReplyOf<typeof getWebhook>> {
    return { webhook: await this.hooks.get(input) };
  }

  /** Idempotent by the webhook's id. */
  @Handles(setWebhook)
  async set(input: InputOf<typeof setWebhook>): Promise<ReplyOf<typeof setWebhook>> {
    return { webhook: await this.hooks.set(input) };
  }

  /** Idempotent: a webhook that has ended does not end again. */
  @Handles(deleteWebhook)
  async delete(input: InputOf<typeof deleteWebhook>): Promise<ReplyOf<typeof deleteWebhook>> {
    await this.hooks.delete(input);
    return {};
  }

  @Handles(findWebhook)
  async find(input: InputOf<typeof findWebhook>): Promise<ReplyOf<typeof findWebhook>> {
    return { webhook: await this.hooks.find(input) };
  }
}
