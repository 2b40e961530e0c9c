import { runService } from '#platform';
import { settings } from './config.js';

await runService({
  name: 'bookmark',
  settings,
  database: true,
  module: async () => (await import('./app.module.js')).AppModule,
});
