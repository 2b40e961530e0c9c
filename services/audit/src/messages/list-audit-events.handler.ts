import { type InputOf, type ReplyOf, listAuditEvents } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Events } from '../operations/events.js';

@Controller()
export class ListAuditEventsHandler {
  constructor(private readonly events: Events) {}

  @Handles(listAuditEvents)
  list(input: InputOf<typeof listAuditEvents>): Promise<ReplyOf<typeof listAuditEvents>> {
    return this.events.list(input);
  }
}
