import {
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import { isCausewayError } from '@causeway/dag';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
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
 * Sends spans to an OTLP/HTTP collector. This file loads the SDK: import it only when there is an endpoint.
 *
 * @returns sends what is left and stops
 */
export function startTracing(endpoint: string, identity: LogIdentity): () => Promise<void> {
  const url = endpoint.endsWith('/v1/traces') ? endpoint : `${endpoint.replace(/\/$/, '')}/v1/traces`;
  const provider = new TracerProvider({
    // The gateway has decided already; a span is only started for a request that is traced.
    sampler: new AlwaysOnSampler(),
    resource: resourceFromAttributes({
      'service.name': identity.name,
      'service.version': identity.version,
      'deployment.environment.name': identity.environment,
      'process.pid': process.pid,
    }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url, timeoutMillis: 3_000 }),
        scheduledDelayMillis: 1_000,
        maxQueueSize: 8_192,
      }),
    ],
  });
  const tracer = provider.getTracer('causeway');
  startSpans({
    start: (name, attributes, parent, { kind = 'internal', links = [] }) =>
      tracer.startSpan(
        name,
        {
          attributes: { ...attributes },
          kind: kinds[kind],
          links: links.map((link) => ({ context: contextOf(link) })),
        },
        trace.setSpanContext(ROOT_CONTEXT, contextOf(parent)),
      ),
    traceparentOf: (span: Span) => {
      const { traceId, spanId } = span.spanContext();
      return `00-${traceId}-${spanId}-01`;
    },
    fail: (span, error) => {
      const type = isCausewayError(error) ? error.code : error instanceof Error ? error.name : 'unknown';
      span.setAttribute('error.type', type);
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
  });
  return async () => {
    startSpans(undefined);
    await provider.shutdown();
  };
}

function contextOf(traceparent: string): SpanContext {
  return {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags: Number.parseInt(traceparent.slice(53), 16),
    isRemote: true,
  };
}
