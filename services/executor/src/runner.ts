import { EXECUTOR_RUNNER } from '@causeway/contracts';
import { runService } from '@causeway/platform';
import { runnerSettings } from './config.js';
import { SupervisorKeys } from './runner/keys/supervisor-keys.js';

await runService({
  name: 'executor',
  login: EXECUTOR_RUNNER,
  settings: runnerSettings,
  outbox: true,
  keys: new SupervisorKeys(process),
  module: async () => (await import('./runner.module.js')).RunnerModule,
  prepare: async (service) => {
    const { RunnerLife } = await import('./runner/life/runner-life.js');
    await service.get(RunnerLife).start();
  },
});
