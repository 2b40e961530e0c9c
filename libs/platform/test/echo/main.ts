import { runService } from '#platform';
import { settings } from './config.js';

await runService({
  name: 'echo',
  settings,
  outbox: true,
  module: async () => (await import('./echo.module.js')).EchoModule,
});
