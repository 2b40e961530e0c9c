import { runService } from '@causeway/platform';
import { settings } from './config.js';

await runService({
  name: 'scheduler',
  settings,
  outbox: true,
  module: async () => (await import('./app.module.js')).AppModule,
});
