import type { LogIdentity } from '../logging/log.js';
import { scrapeMetrics } from './metrics.js';
import { declareProcessMetrics } from './process-metrics.js';

export interface Telemetry {
  /** The text for /metrics. */
  scrape(): Promise<string>;
  /** Sends the remaining spans and stops. */
  stop(): Promise<void>;
}

/** Starts metrics, and traces when there is an endpoint; only then the SDK for traces is loaded. */
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
