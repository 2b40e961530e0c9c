import { authorizeAt } from '@causeway/authz';
import { auditEvent } from '@causeway/contracts';
import type { InputOf, ReplyOf, rotateMasterKey } from '@causeway/contracts';
import { log, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { Changing } from '../changing.js';
import { Tables } from '../../store/tables.js';
import { DataKeyStore, type StoredKey } from '../../store/data-key.store.js';
import { MasterKeyRing } from './master-key-ring.js';
import { forDataKey, forOldMasterKey } from '../../domain/wrapped-for.js';

const BATCH = 50;

/**
 * Wraps data keys with the newest master key; what they have sealed stays as it is. Each batch is one transaction, and a key that is
 * wrapped again is not found any more, so whoever stops in the middle continues where it was.
 */
@Injectable()
export class Rewrapping {
  constructor(
    private readonly store: DataKeyStore,
    private readonly masters: MasterKeyRing,
    private readonly changing: Changing,
    private readonly tables: Tables,
  ) {}

  /** @throws CausewayError PERMISSION_DENIED; SEALED_UNREADABLE for a key whose master key is not set */
  async rotate(input: InputOf<typeof rotateMasterKey>): Promise<ReplyOf<typeof rotateMasterKey>> {
    const { principal, requestId } = input;
    const { organisationId } = principal;
    authorizeAt(await this.changing.fresh(principal), 'organisation:write', { organisationId });
    const { newestId: masterKeyId } = this.masters.wrapping;
    let rewrapped = 0;
    for (let done = BATCH; done > 0; rewrapped += done) done = await this.batch();
    await this.changing.change(input, async () => ({
      result: undefined,
      events: [
        auditEvent({
          id: newId(),
          at: new Date(),
          tenant: principal,
          actor: principal,
          action: 'master_key.rotate',
          object: { type: 'master_key', id: masterKeyId },
          requestId,
          detail: { rewrapped },
        }),
      ],
    }));
    log.info({ masterKeyId, rewrapped }, 'data keys wrapped again');
    return { masterKeyId, rewrapped };
  }

  /** @returns how many were wrapped again */
  private batch(): Promise<number> {
    const { wrapping } = this.masters;
    return this.tables.reads.$transaction(async (writes) => {
      const keys = await this.store.takeWrappedByOther(writes, wrapping.newestId, BATCH);
      for (const key of keys) {
        const context = contextOf(key);
        await this.store.rewrap(
          writes,
          key,
          await wrapping.wrap(await wrapping.unwrap(key, context), context),
        );
      }
      return keys.length;
    });
  }
}

function contextOf({ id, organisationId }: StoredKey): string {
  return organisationId === undefined ? forOldMasterKey(id) : forDataKey(organisationId, id);
}
