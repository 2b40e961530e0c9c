import { type InputOf } from '@causeway/contracts';
import { Handles, log, runService } from '#platform';
import { Controller, Module } from '@nestjs/common';
import { keepNotes } from './contracts.js';

@Controller()
class KeeperController {
  @Handles(keepNotes)
  async keep({ items }: InputOf<typeof keepNotes>) {
    for (const { payload } of items) log.info({ text: payload.text, of: items.length }, 'note kept');
    // This item is never confirmed, so it must stay in its sender's outbox.
    return { confirmed: items.filter(({ payload }) => payload.text !== 'unconfirmed').map(({ id }) => id) };
  }
}

@Module({ controllers: [KeeperController] })
class KeeperModule {}

await runService({ name: 'keeper', settings: {}, module: async () => KeeperModule });
