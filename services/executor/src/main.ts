import { runService } from '@causeway/platform';
import { settings } from './config.js';

await runService({
  name: 'executor',
  settings,
  outbox: true,
  vault: true,
  module: async () => (await import('./app.module.js')).AppModule,
  prepare: async (service) => {
    const { Runners } = await import('./supervisor/runners.js');
    await service.get(Runners).start();
  },
});
