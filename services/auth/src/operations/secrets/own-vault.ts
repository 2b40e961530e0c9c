import { DataKeys as KnownKeys, Vault } from '@causeway/platform';
import type { FactoryProvider } from '@nestjs/common';
import { DataKeys } from './data-keys.js';
import { OldMasterKeys } from './old-master-keys.js';

/** Auth seals as other services do, with the data keys that it owns itself. */
export const ownVault: FactoryProvider<Vault> = {
  provide: Vault,
  inject: [DataKeys, OldMasterKeys],
  useFactory: (keys: DataKeys, old: OldMasterKeys) =>
    new Vault(
      new KnownKeys({
        dataKey: (organisationId, id) => keys.get(organisationId, id),
        openOld: (_organisationId, sealed) => old.open(sealed),
        oldFileKey: (_organisationId, masterKeyId, salt) => old.fileKey(masterKeyId, salt),
      }),
    ),
};
