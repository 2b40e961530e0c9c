import { flushLog, log } from '../logging/log.js';
import type { SettingsDefinition } from '../settings/define-settings.js';
import { SETTINGS_EXIT_CODE, SettingsError } from '../settings/read-settings.js';
import { guardProcess } from './process-guard.js';
import type { RunningService, ServiceOptions } from './service-options.js';
import { startService } from './start-service.js';

/** The message of a forked service to its parent when it is ready. */
export interface ReadyMessage {
  readonly type: 'causeway.ready';
  readonly internalPort: number;
  readonly httpPort: number | undefined;
}

/**
 * Starts a service; settles when it is ready. A service's main.ts consists of this call.
 * The process ends on SIGTERM, SIGINT or, if it was forked, when its parent ends: it drains and exits with 0; a second Ctrl-C
 * ends it at once with 1. Wrong settings end it with 78; any other failure of the start, and a crash, with 1.
 */
export async function runService<D extends SettingsDefinition>(
  options: ServiceOptions<D>,
): Promise<RunningService<D>> {
  if (options.embedded) return startService(options);
  const guard = guardProcess();
  try {
    const service = await startService(options);
    guard.drainWith((reason) => service.drain(reason));
    const ready: ReadyMessage = {
      type: 'causeway.ready',
      internalPort: service.internalPort,
      httpPort: service.httpPort,
    };
    process.send?.(ready);
    return service;
  } catch (error) {
    if (error instanceof SettingsError) {
      process.stderr.write(`${options.name} does not start. ${error.message}\n`);
      process.exit(SETTINGS_EXIT_CODE);
    }
    log.fatal({ error }, 'start failed');
    flushLog();
    process.exit(1);
  }
}
