import { type InputOf, appendAuditEvents } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Events } from '../operations/events.js';

/** Idempotent by (time, id) of each event. */
@Controller()
export class AppendAuditEventsHandler {
  constructor(private readonly events: Events) {}

  @Handles(appendAuditEvents)
  async append({ items }: InputOf<typeof appendAuditEvents>): Promise<{ confirmed: string[] }> {
    return { confirmed: await this.events.append(items) };
  }
}
