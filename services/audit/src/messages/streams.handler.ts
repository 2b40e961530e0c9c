import { deleteAuditStream, getAuditStream, putAuditStream } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Streams } from '../operations/streams.js';

/** Requests about where the events of an organisation are sent. */
@Controller()
export class StreamsHandler {
  constructor(private readonly streams: Streams) {}

  @Handles(getAuditStream)
  get(input: InputOf<typeof getAuditStream>): Promise<ReplyOf<typeof getAuditStream>> {
    return this.streams.get(input);
  }

  /** Each time it makes a new secret; the last one counts. */
  @Handles(putAuditStream)
  put(input: InputOf<typeof putAuditStream>): Promise<ReplyOf<typeof putAuditStream>> {
    return this.streams.put(input);
  }

  /** Idempotent: what was deleted stays deleted. */
  @Handles(deleteAuditStream)
  delete(input: InputOf<typeof deleteAuditStream>): Promise<ReplyOf<typeof deleteAuditStream>> {
    return this.streams.delete(input);
  }
}
