import { runService } from '@causeway/platform';
import { settings } from './config.js';

await runService({
  name: 'auth',
  settings,
  outbox: true,
  module: async () => (await import('./app.module.js')).AppModule,
});
