import { Database, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { sealEvents } from '../domain/seal-events.js';
import { ChainStore } from '../store/chain.store.js';
import { Checkpoints } from './checkpoints.js';

const BATCH = 2_000;

/**
 * Seals the events that were recorded before the chain began, as block 0, before an organisation's first newer event: in batches, each a
 * transaction of its own, so that a process which dies is followed by one that goes on where it was.
 */
@Injectable()
export class BlockZero {
  private readonly ensured = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly store: ChainStore,
    private readonly checkpoints: Checkpoints,
  ) {}

  /** Settles when no old event of the organisation is unsealed. Asks the database once. */
  ensure(organisationId: string): Promise<void> {
    const known = this.ensured.get(organisationId);
    if (known) return known;
    const sealing = this.seal(organisationId).catch((error: unknown) => {
      this.ensured.delete(organisationId);
      throw error;
    });
    this.ensured.set(organisationId, sealing);
    return sealing;
  }

  private async seal(organisationId: string): Promise<void> {
    let sealed = 0;
    for (;;) {
      const events = await this.database.transaction(async (transaction) => {
        await this.store.lock(transaction, [organisationId]);
        const unsealed = await this.store.unsealed(transaction, organisationId, BATCH);
        if (!unsealed?.length) return unsealed;
        const heads = await this.store.heads(transaction, [organisationId]);
        await this.store.insertSeals(transaction, sealEvents(unsealed, heads));
        return unsealed;
      });
      if (events === undefined) return;
      if (events.length === 0) break;
      sealed += events.length;
    }
    // So that they are proven from now on, before anything follows them.
    await this.checkpoints.make(organisationId);
    if (sealed > 0) log.info({ organisationId, sealed }, 'events before the chain sealed');
  }
}
