import { appendAuditEvents, listAuditEvents } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Events } from '../operations/events.js';

/** Requests to append and list events. */
@Controller()
export class EventsHandler {
  constructor(private readonly events: Events) {}

  /** Idempotent by (time, id) of each event. */
  @Handles(appendAuditEvents)
  append({ items }: InputOf<typeof appendAuditEvents>): Promise<ReplyOf<typeof appendAuditEvents>> {
    return this.events.append(items);
  }

  @Handles(listAuditEvents)
  list(input: InputOf<typeof listAuditEvents>): Promise<ReplyOf<typeof listAuditEvents>> {
    return this.events.list(input);
  }
}
