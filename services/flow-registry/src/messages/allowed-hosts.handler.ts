import { getAllowedHosts, setAllowedHosts } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Allowing } from '../changes/allowing.js';

/** Requests about the hosts to which a flow's secrets may be sent. */
@Controller()
export class AllowedHostsHandler {
  constructor(private readonly allowing: Allowing) {}

  @Handles(getAllowedHosts)
  async get(input: InputOf<typeof getAllowedHosts>): Promise<ReplyOf<typeof getAllowedHosts>> {
    return { hosts: await this.allowing.hosts(input) };
  }

  /** Idempotent: the same list changes nothing. */
  @Handles(setAllowedHosts)
  async set(input: InputOf<typeof setAllowedHosts>): Promise<ReplyOf<typeof setAllowedHosts>> {
    return { hosts: await this.allowing.set(input) };
  }
}
