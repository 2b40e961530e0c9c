import { runService } from '@causeway/platform';
import { runnerSettings } from './config.js';

await runService({
  name: 'executor',
  settings: runnerSettings,
  outbox: true,
  vault: true,
  module: async () => (await import('./runner.module.js')).RunnerModule,
  prepare: async (service) => {
    const { RunnerLife } = await import('./runner/life/runner-life.js');
    await service.get(RunnerLife).start();
  },
  outlive: async (service) => {
    const { Outliving } = await import('./runner/life/outliving.js');
    await service.get(Outliving).outlive();
  },
});
