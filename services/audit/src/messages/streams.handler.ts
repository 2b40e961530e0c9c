import { deleteAuditStream, getAuditStream, putAuditStream } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import {
  Handles,
  KeyExchange,
  SETTINGS,
  aboutAuditStream,
  readSigningKey,
  readTrustedKeys,
} from '@causeway/platform';
import { Controller, Inject } from '@nestjs/common';
import type { Settings } from '../config.js';
import { Streams } from '../operations/streams.js';

/** Requests about where the events of an organisation are sent. */
@Controller()
export class StreamsHandler {
  private readonly exchange: KeyExchange;

  constructor(
    private readonly streams: Streams,
    @Inject(SETTINGS) { signingKey, trustedKeys }: Settings,
  ) {
    this.exchange = new KeyExchange('audit', readSigningKey(signingKey), readTrustedKeys(trustedKeys));
  }

  @Handles(getAuditStream)
  get(input: InputOf<typeof getAuditStream>): Promise<ReplyOf<typeof getAuditStream>> {
    return this.streams.get(input);
  }

  /** Each time it makes a new secret; the last one counts. Only the process that asked can read it. */
  @Handles(putAuditStream)
  async put({ question, ...input }: InputOf<typeof putAuditStream>): Promise<ReplyOf<typeof putAuditStream>> {
    const about = aboutAuditStream(input);
    const isAsker = putAuditStream.from.includes(question.service);
    this.exchange.check(isAsker ? question : { ...question, service: '' }, about);
    const { stream, secret } = await this.streams.put(input);
    return { stream, answer: this.exchange.answer(question, about, Buffer.from(secret)) };
  }

  /** Idempotent: what was deleted stays deleted. */
  @Handles(deleteAuditStream)
  delete(input: InputOf<typeof deleteAuditStream>): Promise<ReplyOf<typeof deleteAuditStream>> {
    return this.streams.delete(input);
  }
}
