import { runService } from '@causeway/platform';
import { settings } from './config.js';

await runService({
  name: 'flow-registry',
  settings,
  outbox: true,
  disk: true,
  vault: true,
  module: async () => (await import('./app.module.js')).AppModule,
});
