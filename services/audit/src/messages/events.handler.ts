import { appendAuditEvents, exportAuditEvents, listAuditEvents, listAuditKeys } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Appending } from '../operations/appending.js';
import { Events } from '../operations/events.js';
import { Exporting } from '../operations/exporting.js';
import { Keys } from '../operations/keys.js';

/** Requests to append, find and export events. */
@Controller()
export class EventsHandler {
  constructor(
    private readonly appending: Appending,
    private readonly events: Events,
    private readonly exporting: Exporting,
    private readonly keys: Keys,
  ) {}

  /** Idempotent by (time, id) of each event. */
  @Handles(appendAuditEvents)
  append({ items }: InputOf<typeof appendAuditEvents>): Promise<ReplyOf<typeof appendAuditEvents>> {
    return this.appending.append(items);
  }

  @Handles(listAuditEvents)
  list(input: InputOf<typeof listAuditEvents>): Promise<ReplyOf<typeof listAuditEvents>> {
    return this.events.list(input);
  }

  @Handles(exportAuditEvents)
  export(input: InputOf<typeof exportAuditEvents>): Promise<ReplyOf<typeof exportAuditEvents>> {
    return this.exporting.next(input);
  }

  @Handles(listAuditKeys)
  listKeys(): ReplyOf<typeof listAuditKeys> {
    return this.keys.list();
  }
}
