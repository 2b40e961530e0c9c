import type { LogIdentity } from '../logging/log.js';
import { scrapeMetrics } from './metrics.js';
import { declareProcessMetrics } from './process-metrics.js';

export interface Telemetry {
  /** What /metrics answers. */
  scrape(): Promise<string>;
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** Starts metrics, and traces when there is an endpoint: only then is their SDK loaded. */
export async function startTelemetry(
  identity: LogIdentity,
  otlpEndpoint: string | undefined,
): Promise<Telemetry> {
  const stopProcessMetrics = declareProcessMetrics(identity.version);
  const stopTracing =
    otlpEndpoint === undefined
      ? undefined
      : (await import('./start-tracing.js')).startTracing(otlpEndpoint, identity);
  return {
    scrape: () => scrapeMetrics({ service: identity.name }),
    stop: async () => {
      stopProcessMetrics();
      await stopTracing?.();
    },
  };
}
