import { runService } from '@causeway/platform';
import { settings } from './config.js';

await runService({
  name: 'audit',
  settings,
  database: true,
  module: async () => (await import('./app.module.js')).AppModule,
});
