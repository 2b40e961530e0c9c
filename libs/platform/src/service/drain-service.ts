import { waitAtMost } from '../context/wait-at-most.js';
import { log } from '../logging/log.js';
import type { PlatformSettings } from '../settings/platform-settings.js';
import type { Telemetry } from '../telemetry/start-telemetry.js';
import { type Connections, disconnect } from './connections.js';
import type { InternalServer } from './internal-server.js';
import type { NestApp } from './nest-app.js';
import type { PlatformParts } from './platform-module.js';

/** Time limit of each step after the service's own work has ended. */
const STEP_MS = 2_000;

export interface DrainParts {
  readonly reason: string;
  readonly settings: PlatformSettings;
  readonly app: NestApp;
  readonly parts: PlatformParts;
  readonly connections: Connections;
  readonly internal: InternalServer;
  readonly telemetry: Telemetry;
}

/** Ends a service. The order matters: code that still runs must have everything that it needs. */
export async function drainService(drain: DrainParts): Promise<void> {
  const { reason, settings, app, parts, connections, internal, telemetry } = drain;
  const startedMs = performance.now();
  log.info({ reason }, 'drain started');
  parts.lifecycle.begin();
  const hooks = parts.lifecycle.hooks.map(({ name, run }) => [name, run] as const);
  await within(settings.drainTimeoutMs, 'work left behind', [['messages', () => app.stopTaking()], ...hooks]);
  // Sends the last outbox rows; the remaining ones are sent by another instance or after the next start.
  await within(STEP_MS, 'step left behind', [['outbox', async () => parts.relay?.stop(STEP_MS / 2)]]);
  await within(STEP_MS, 'step left behind', [['application', () => app.close()]]);
  await within(STEP_MS, 'step left behind', [
    ['telemetry', () => telemetry.stop()],
    ['connections', () => disconnect(connections)],
    ['internal port', () => internal.close()],
  ]);
  log.info({ drainMs: Math.round(performance.now() - startedMs) }, 'drain done');
}

type Step = readonly [name: string, run: () => Promise<unknown>];

/** Runs steps at the same time; after `limitMs` it continues without those that have not ended. Never throws. */
async function within(limitMs: number, event: string, steps: readonly Step[]): Promise<void> {
  const left = new Set(steps.map(([name]) => name));
  const all = steps.map(async ([name, run]) => {
    try {
      await run();
    } catch (error) {
      log.failure(error, 'drain step failed', { step: name });
    }
    left.delete(name);
  });
  await waitAtMost(Promise.all(all), limitMs);
  if (left.size > 0) log.warn({ left: [...left], limitMs }, event);
}
