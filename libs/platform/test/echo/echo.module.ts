import { type InputOf, causewayError } from '@causeway/contracts';
import {
  Bus,
  Database,
  Handles,
  Lifecycle,
  type MessageContext,
  OutboxRelay,
  currentContext,
  insertOutbox,
  log,
  outboxRow,
} from '#platform';
import { Controller, Module } from '@nestjs/common';
import { hangText, keepNotes, noteText, noted, sayText } from './contracts.js';

@Controller()
class EchoController {
  constructor(
    private readonly database: Database,
    private readonly bus: Bus,
    private readonly relay: OutboxRelay,
    lifecycle: Lifecycle,
  ) {
    lifecycle.onDrain('echo', async () => log.info({}, 'echo drains'));
  }

  @Handles(sayText)
  async say({ text, mode, waitMs }: InputOf<typeof sayText>) {
    if (mode === 'refuse') throw causewayError('FLOW_UNKNOWN', { flow: text });
    if (mode === 'crash') throw new TypeError(`secret detail ${text}`);
    if (mode === 'wait') await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (mode === 'die') setTimeout(() => Promise.reject(new Error('nobody waits for this')), 1);
    if (mode === 'select') await this.database.query('select 1');
    const said = mode === 'big' ? text.repeat(2_000_000) : text;
    return { text: said, pid: process.pid, requestId: currentContext().requestId ?? null };
  }

  @Handles(noteText)
  async note(input: InputOf<typeof noteText>, { deliveries }: MessageContext): Promise<void> {
    const { text, mode, waitMs } = input;
    log.info({ text, deliveries, pid: process.pid }, 'note taken');
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (mode === 'later') throw causewayError('UNAVAILABLE', { service: 'nobody', retryAfterS: 1 });
    if (mode === 'never') throw causewayError('FLOW_UNKNOWN', { flow: text });
    await this.database.transaction(async (transaction) => {
      await transaction.query('insert into note (text, team) values ($1, $2)', [
        text,
        currentContext().teamId,
      ]);
      await insertOutbox(transaction, [outboxRow(keepNotes, { text }, input)]);
    });
    this.relay.wake();
    this.bus.publish(noted, { text }, text);
  }

  @Handles(hangText)
  async hang({ text }: InputOf<typeof hangText>, { deliveries }: MessageContext): Promise<void> {
    log.info({ text, deliveries }, 'hang taken');
    await new Promise(() => {});
  }
}

@Module({ controllers: [EchoController] })
export class EchoModule {}
