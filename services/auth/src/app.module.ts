import { Module } from '@nestjs/common';
import { KeysHandler } from './messages/keys.handler.js';
import { RetentionHandler } from './messages/retention.handler.js';
import { BootstrapKey } from './operations/bootstrap-key.js';
import { KeyUses } from './operations/key-uses.js';
import { Keys } from './operations/keys.js';
import { Retaining } from './operations/retaining.js';
import { KeyStore } from './store/key.store.js';
import { OldKeyStore } from './store/old-key.store.js';

@Module({
  controllers: [KeysHandler, RetentionHandler],
  providers: [KeyStore, OldKeyStore, BootstrapKey, KeyUses, Keys, Retaining],
})
export class AppModule {}
