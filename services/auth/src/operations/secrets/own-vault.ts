import { DataKeys as KnownKeys, Vault } from '@causeway/platform';
import type { FactoryProvider } from '@nestjs/common';
import { DataKeys } from './data-keys.js';
import { OldMasterKeys } from './old-master-keys.js';

/** The data keys that this process remembers, as other services do; here it asks no one but its own tables. */
const ownKnownKeys: FactoryProvider<KnownKeys> = {
  provide: KnownKeys,
  inject: [DataKeys, OldMasterKeys],
  useFactory: (keys: DataKeys, old: OldMasterKeys) =>
    new KnownKeys({
      dataKey: (organisationId, id) => keys.get(organisationId, id),
      openOld: (_organisationId, sealed) => old.open(sealed),
      oldFileKey: (_organisationId, masterKeyId, salt) => old.fileKey(masterKeyId, salt),
    }),
};

/** Auth seals as other services do, with the data keys that it owns itself. */
export const ownVault: FactoryProvider[] = [
  ownKnownKeys,
  { provide: Vault, inject: [KnownKeys], useFactory: (keys: KnownKeys) => new Vault(keys) },
];
