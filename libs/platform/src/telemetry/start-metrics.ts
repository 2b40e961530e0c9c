import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { startInstruments } from './metrics.js';

export interface StartedMetrics {
  /** What /metrics answers, in Prometheus' text format. */
  scrape(): Promise<string>;
  stop(): Promise<void>;
}

/** Lets instruments record. Every series carries the service's name. */
export function startMetrics(service: string): StartedMetrics {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ resource: resourceFromAttributes({ service }), readers: [reader] });
  startInstruments(provider.getMeter('causeway'));
  // The service is the only label of the resource that each series repeats; scope and target rows say nothing here.
  const serializer = new PrometheusSerializer('', false, /^service$/, true, true);
  return {
    scrape: async () => `${serializer.serialize((await reader.collect()).resourceMetrics)}`,
    stop: () => provider.shutdown(),
  };
}
