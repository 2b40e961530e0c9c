import { runService } from '@causeway/platform';
import { settings } from './config.js';

await runService({
  name: 'audit',
  settings,
  database: true,
  module: async () => (await import('./app.module.js')).AppModule,
  prepare: async (service) => {
    const { Months } = await import('./operations/months.js');
    await service.get(Months).keepAhead();
  },
});
