import { Module } from '@nestjs/common';
import { AccessHandler } from './messages/access.handler.js';
import { KeysHandler } from './messages/keys.handler.js';
import { RetentionHandler } from './messages/retention.handler.js';
import { Accounts } from './operations/accounts.js';
import { Bindings } from './operations/bindings.js';
import { BootstrapKey } from './operations/bootstrap-key.js';
import { Changing } from './operations/changing.js';
import { EndingRoles } from './operations/ending-roles.js';
import { KeyUses } from './operations/key-uses.js';
import { Keys } from './operations/keys.js';
import { Retaining } from './operations/retaining.js';
import { Roles } from './operations/roles.js';
import { Teams } from './operations/teams.js';
import { Verifying } from './operations/verifying.js';
import { DataKeyStore } from './store/data-key.store.js';
import { DataKeys } from './operations/secrets/data-keys.js';
import { DataKeysHandler } from './messages/data-keys.handler.js';
import { MasterKeyRing } from './operations/secrets/master-key-ring.js';
import { OldMasterKeys } from './operations/secrets/old-master-keys.js';
import { Rewrapping } from './operations/secrets/rewrapping.js';
import { KeyStore } from './store/key.store.js';
import { OldKeyStore } from './store/old-key.store.js';
import { PrincipalStore } from './store/principal.store.js';
import { RoleStore } from './store/role.store.js';
import { Tables } from './store/tables.js';
import { TeamStore } from './store/team.store.js';

@Module({
  controllers: [AccessHandler, KeysHandler, RetentionHandler, DataKeysHandler],
  providers: [
    Tables,
    KeyStore,
    OldKeyStore,
    TeamStore,
    RoleStore,
    PrincipalStore,
    Changing,
    BootstrapKey,
    KeyUses,
    Keys,
    Verifying,
    Teams,
    Accounts,
    Roles,
    Bindings,
    EndingRoles,
    Retaining,
    MasterKeyRing,
    DataKeyStore,
    OldMasterKeys,
    DataKeys,
    Rewrapping,
  ],
})
export class AppModule {}
