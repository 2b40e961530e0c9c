import {
  type Context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  trace,
} from '@opentelemetry/api';
import { isCausewayError } from '@causeway/dag';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOnSampler, BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import type { LogIdentity } from '../logging/log.js';
import { type SpanKindName, startSpans } from './span.js';

const kinds: Record<SpanKindName, SpanKind> = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Sends spans to an OTLP/HTTP collector by OpenTelemetry's Node SDK, which is global from then on: spans of a library become
 * children of the platform's spans. There is no automatic instrumentation. This file loads the SDK: import it only when there is an
 * endpoint, and before Nest.
 *
 * @returns a function that sends the remaining spans and stops
 */
export function startTracing(endpoint: string, identity: LogIdentity): () => Promise<void> {
  const url = endpoint.endsWith('/v1/traces') ? endpoint : `${endpoint.replace(/\/$/, '')}/v1/traces`;
  const propagator = new W3CTraceContextPropagator();
  const sdk = new NodeSDK({
    // The gateway has already decided; a span is started only for a traced request.
    sampler: new AlwaysOnSampler(),
    autoDetectResources: false,
    resource: resourceFromAttributes({
      'service.name': identity.name,
      'service.version': identity.version,
      'deployment.environment.name': identity.environment,
      'process.pid': process.pid,
    }),
    contextManager: new AsyncLocalStorageContextManager(),
    textMapPropagator: propagator,
    instrumentations: [],
    // Only traces are sent: without these empty lists the SDK would send metrics and logs according to its own environment variables.
    metricReaders: [],
    logRecordProcessors: [],
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url, timeoutMillis: 3_000 }),
        scheduledDelayMillis: 1_000,
        maxQueueSize: 8_192,
      }),
    ],
  });
  sdk.start();
  const tracer = trace.getTracer('causeway');
  const contextFrom = (traceparent: string): Context =>
    propagator.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter);
  startSpans({
    start: (name, attributes, parent, { kind = 'internal', links = [] }) =>
      tracer.startSpan(
        name,
        {
          attributes: { ...attributes },
          kind: kinds[kind],
          links: links.flatMap((link) => {
            const linked = trace.getSpanContext(contextFrom(link));
            return linked ? [{ context: linked }] : [];
          }),
        },
        contextFrom(parent),
      ),
    within: (span, fn) => context.with(trace.setSpan(context.active(), span), fn),
    traceparentOf: (span) => {
      const carrier: { traceparent?: string } = {};
      propagator.inject(trace.setSpan(ROOT_CONTEXT, span), carrier, defaultTextMapSetter);
      return carrier.traceparent ?? '';
    },
    fail: (span, error) => {
      const type = isCausewayError(error) ? error.code : error instanceof Error ? error.name : 'unknown';
      span.setAttribute('error.type', type);
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
  });
  return async () => {
    startSpans(undefined);
    await sdk.shutdown();
    for (const api of [trace, context, propagation]) api.disable();
  };
}
