import { Module } from '@nestjs/common';
import { KeysHandler } from './messages/keys.handler.js';
import { BootstrapKey } from './operations/bootstrap-key.js';
import { KeyUses } from './operations/key-uses.js';
import { Keys } from './operations/keys.js';
import { KeyStore } from './store/key.store.js';

@Module({
  controllers: [KeysHandler],
  providers: [KeyStore, BootstrapKey, KeyUses, Keys],
})
export class AppModule {}
