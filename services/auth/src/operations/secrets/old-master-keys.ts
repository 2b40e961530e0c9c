import { causewayError } from '@causeway/contracts';
import { OldVault, log, oldKeyId, onceReachable } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { DataKeyStore } from '../../store/data-key.store.js';
import { MasterKeyRing } from './master-key-ring.js';
import { forOldMasterKey } from '../../domain/wrapped-for.js';

/**
 * Opens what the master key itself has sealed, before there were data keys. At the first start of such a store, its master keys are
 * wrapped like data keys and kept, so that those values can be opened when the master key was replaced.
 */
@Injectable()
export class OldMasterKeys implements OnApplicationBootstrap {
  constructor(
    private readonly store: DataKeyStore,
    private readonly masters: MasterKeyRing,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!(await onceReachable(() => this.store.isOldPending()))) return;
    const { wrapping, keys } = this.masters;
    const wrapped = keys.map(async (key) => {
      const id = oldKeyId(key);
      return { id, ...(await wrapping.wrap(key, forOldMasterKey(id))) };
    });
    await this.store.settleOld(await Promise.all(wrapped));
    log.info({ keys: keys.length }, 'master keys of the time before data keys are kept');
  }

  /** @throws CausewayError SEALED_UNREADABLE */
  async open(sealed: string): Promise<string> {
    const [, id = ''] = sealed.slice(0, 64).split('.');
    return (await this.vault(id)).open(sealed);
  }

  /** The key of a file with this salt. @throws CausewayError SEALED_UNREADABLE */
  async fileKey(id: string, salt: Buffer): Promise<Buffer> {
    return (await this.vault(id)).fileKey(salt);
  }

  private async vault(id: string): Promise<OldVault> {
    const stored = await this.store.findOld(id);
    if (!stored)
      throw causewayError('SEALED_UNREADABLE', {
        problem: `it was sealed with key ${id}, which auth never had`,
      });
    return new OldVault(await this.masters.wrapping.unwrap(stored, forOldMasterKey(id)));
  }
}
