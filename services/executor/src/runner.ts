import { runService } from '@causeway/platform';
import { runnerSettings } from './config.js';

await runService({
  name: 'executor',
  settings: runnerSettings,
  outbox: true,
  vault: true,
  module: async () => (await import('./runner.module.js')).RunnerModule,
  prepare: async (service) => {
    const { Caring } = await import('./runner/caring.js');
    await service.get(Caring).start();
  },
});
