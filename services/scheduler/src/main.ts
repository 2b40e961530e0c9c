import { runService } from '@causeway/platform';
import { settings } from './config.js';

await runService({
  name: 'scheduler',
  settings,
  outbox: true,
  disk: true,
  module: async () => (await import('./app.module.js')).AppModule,
});
