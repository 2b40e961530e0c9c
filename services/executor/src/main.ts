import { EXECUTOR_SUPERVISOR } from '@causeway/contracts';
import { runService } from '@causeway/platform';
import { settings } from './config.js';

await runService({
  name: 'executor',
  settings,
  outbox: true,
  vault: true,
  asksAs: ({ supervisorKey: signingKey }) =>
    signingKey === undefined ? undefined : { service: EXECUTOR_SUPERVISOR, signingKey },
  module: async () => (await import('./app.module.js')).AppModule,
  prepare: async (service) => {
    const { Runners } = await import('./supervisor/runners.js');
    await service.get(Runners).start();
  },
});
