import type { Span } from '@opentelemetry/api';
import { currentContext, withContext } from '../context/context.js';

export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  /** @default 'internal' */
  readonly kind?: SpanKindName;
  /** Traceparents of other traces that led to this work, such as that of the previous attempt. */
  readonly links?: readonly string[];
}

export type SpanKindName = 'internal' | 'client' | 'server' | 'producer' | 'consumer';

/** How a traced process makes spans; set when there is an OTLP endpoint. @internal */
export interface Tracing {
  start(name: string, attributes: SpanAttributes, parent: string, options: SpanOptions): Span;
  /** Runs `fn`; spans that a library makes in it become children of this one. */
  within<T>(span: Span, fn: () => T): T;
  traceparentOf(span: Span): string;
  fail(span: Span, error: unknown): void;
}

let tracing: Tracing | undefined;

/** @internal */
export function startSpans(started: Tracing | undefined): void {
  tracing = started;
}

/** Whether this process makes spans at all. @internal */
export function isTracing(): boolean {
  return tracing !== undefined;
}

/** Whether spans are made for the current work: an endpoint is set and the gateway has chosen this request. */
export function isTraced(): boolean {
  return tracing !== undefined && currentContext().traceparent?.endsWith('-01') === true;
}

/**
 * Runs `fn` within a span named `<noun>.<verb>`. No span is made when the current request is not traced: then `fn` gets
 * undefined. An error marks the span as failed and is thrown again.
 */
export function span<T>(
  name: string,
  attributes: SpanAttributes,
  fn: (span: Span | undefined) => T,
  options: SpanOptions = {},
): T {
  const parent = currentContext().traceparent;
  if (!tracing || !parent?.endsWith('-01')) return fn(undefined);
  return traced(tracing, tracing.start(name, attributes, parent, options), fn);
}

/** A span that hooks begin and end, for work that no single function encloses. @internal */
export interface OpenSpan {
  readonly traceparent: string;
  readonly span: Span;
  end(error?: unknown): void;
}

/** @internal */
export function openSpan(
  name: string,
  attributes: SpanAttributes,
  parent: string,
  options: SpanOptions,
): OpenSpan | undefined {
  const by = tracing;
  if (!by || !parent.endsWith('-01')) return undefined;
  const started = by.start(name, attributes, parent, options);
  return {
    traceparent: by.traceparentOf(started),
    span: started,
    end: (error) => {
      if (error !== undefined) by.fail(started, error);
      started.end();
    },
  };
}

function traced<T>(by: Tracing, started: Span, fn: (span: Span) => T): T {
  const fail = (error: unknown): never => {
    by.fail(started, error);
    started.end();
    throw error;
  };
  let result: T;
  try {
    result = withContext({ traceparent: by.traceparentOf(started) }, () =>
      by.within(started, () => fn(started)),
    );
  } catch (error) {
    return fail(error);
  }
  if (!(result instanceof Promise)) {
    started.end();
    return result;
  }
  return result.then((value: unknown) => {
    started.end();
    return value;
  }, fail) as T;
}
